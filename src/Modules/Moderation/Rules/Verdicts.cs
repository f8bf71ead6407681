using System.Text.Json;
using Rookery.Kernel.Chat;

namespace Rookery.Modules.Moderation.Rules;

/// <summary>What a rule decides when it matches.</summary>
internal static class Verdicts
{
    private const string Warning = "Please mind the rules of this channel.";
    private const string Blocked = "Your message was removed: it breaks a rule of this channel.";

    /// <exception cref="UriFormatException">The webhook's address is none.</exception>
    public static Verdict Of(RuleView row)
    {
        var (kind, text) = row.Action switch
        {
            "warn" => (VerdictKind.Warn, row.WarningMessage ?? Warning),
            "block" => (VerdictKind.Block, row.BlockMessage is "" ? null : row.BlockMessage ?? Blocked),
            "command" => (VerdictKind.Command, CommandLine(row.CommandToExecute!, row.CommandParameters)),
            _ => (VerdictKind.Webhook, null),
        };
        var url = kind == VerdictKind.Webhook ? new Uri(row.WebhookUrl!) : null;
        return new Verdict(kind, row.Id, row.String, row.MatchType, text, url);
    }

    /// <summary>
    /// The line as somebody would type it. A command without a prefix is one of this server, <c>!</c>.
    /// </summary>
    public static string CommandLine(string command, IEnumerable<JsonElement> parameters)
    {
        command = command.Trim();
        var words = parameters.Select(
            p => Quote(p.ValueKind == JsonValueKind.String ? p.GetString()! : p.GetRawText()));
        return string.Join(' ', words.Prepend(command[0] is '!' or '#' ? command : $"!{command}"));
    }

    private static string Quote(string word)
    {
        if (word.Length > 0 && !word.Any(c => char.IsWhiteSpace(c) || IsQuote(c)))
        {
            return word;
        }

        var escaped = word.Select(c => IsQuote(c) || c == '\\' ? $"\\{c}" : c.ToString());
        return $"\"{string.Concat(escaped)}\"";
    }

    /// <summary>Straight and typographic: the router reads all of them as quotes.</summary>
    private static bool IsQuote(char c) => c is '"' or '\u201C' or '\u201D';
}
