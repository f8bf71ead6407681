using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rookery.Kernel.Web;
using Rookery.Modules.Moderation.Regexes;

namespace Rookery.Modules.Moderation.Rules;

/// <summary>
/// What may be said about a rule. A change is merged into what stands (RFC 7396): null puts back the default.
/// </summary>
/// <param name="CommunityId">
/// Null: every community; only keys that are bound to none may make such a rule. Cannot be changed.
/// </param>
/// <param name="String">What to look for, up to 500 characters; <c>*</c> is every message.</param>
/// <param name="MatchType">exact (unless told), contains, word or regex.</param>
/// <param name="Normalize">Undo disguises before looking; true unless told.</param>
/// <param name="EnabledEntityIds">Where the rule holds; empty: everywhere in its community.</param>
/// <param name="Action">warn, block, command or webhook.</param>
/// <param name="CommandToExecute">With its prefix; <c>!</c> where there is none.</param>
/// <param name="CommandParameters">Texts, numbers and booleans that follow the command.</param>
/// <param name="BlockMessage">Null: a standard text. Empty: the message goes without a word.</param>
/// <param name="Priority">Lower goes first; 100 unless told.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RuleRequest(
    long? CommunityId,
    string? String,
    string? MatchType,
    bool? CaseSensitive,
    bool? Normalize,
    List<string>? EnabledEntityIds,
    string? Action,
    string? CommandToExecute,
    List<JsonElement>? CommandParameters,
    string? WebhookUrl,
    string? WarningMessage,
    string? BlockMessage,
    int? Priority,
    bool? IsActive)
{
    /// <summary>The rule with a patch laid over it.</summary>
    /// <exception cref="JsonException">The patch has a field that is none, or one of a wrong type.</exception>
    public static RuleRequest Merge(RuleView rule, JsonObject patch)
    {
        var merged = JsonSerializer.SerializeToNode(Of(rule), ModerationJson.Default.RuleRequest)!.AsObject();
        foreach (var (field, value) in patch)
        {
            merged[field] = value?.DeepClone();
        }

        return merged.Deserialize(ModerationJson.Default.RuleRequest)!;
    }

    /// <summary>All that is wrong with it in itself. Entities are checked where they can be looked up.</summary>
    public Checks Check()
    {
        var checks = new Checks()
            .Text("string", String, MaxPattern)
            .That(
                IsOneOf(MatchType ?? "exact", MatchTypes),
                "match_type",
                $"must be one of {string.Join(", ", MatchTypes)}.")
            .That(IsOneOf(Action, Actions), "action", $"must be one of {string.Join(", ", Actions)}.")
            .That(
                EnabledEntityIds is not { Count: > MaxEntities },
                "enabled_entity_ids",
                $"must have at most {MaxEntities} entries.")
            .That(
                EnabledEntityIds?.TrueForAll(e => e is not null && Checks.Storable(e)) != false,
                "enabled_entity_ids",
                "must hold entity ids only.")
            .Optional("warning_message", WarningMessage, MaxMessage)
            .That(WarningMessage is not "", "warning_message", "must not be empty; leave it out for the standard text.")
            .Optional("block_message", BlockMessage, MaxMessage)
            .Optional("webhook_url", WebhookUrl, MaxUrl)
            .That(WebhookUrl is null || IsHttp(WebhookUrl), "webhook_url", "must be an absolute http or https address.")
            .That(Action != "webhook" || WebhookUrl is not null, "webhook_url", "is required for the action webhook.")
            .That(
                Action != "command" || CommandToExecute is not null,
                "command_to_execute",
                "is required for the action command.");
        CheckCommand(checks);
        return MatchType == "regex" && String is { Length: > 0 and <= MaxPattern } pattern && pattern != Rule.Everything
            && RegexAdvice.Check(pattern) is { } refusal
            ? checks.Fail("string", refusal)
            : checks;
    }

    private const int MaxPattern = 500;
    private const int MaxEntities = 1000;
    private const int MaxMessage = 2000;
    private const int MaxUrl = 2000;
    private const int MaxCommand = 500;
    private const int MaxParameters = 50;
    private static readonly string[] MatchTypes = ["exact", "contains", "word", "regex"];
    private static readonly string[] Actions = ["warn", "block", "command", "webhook"];

    private static RuleRequest Of(RuleView r) => new(
        r.CommunityId, r.String, r.MatchType, r.CaseSensitive, r.Normalize, r.EnabledEntityIds, r.Action, r.CommandToExecute,
        r.CommandParameters, r.WebhookUrl, r.WarningMessage, r.BlockMessage, r.Priority, r.IsActive);

    private void CheckCommand(Checks checks)
    {
        if (CommandToExecute is { } command)
        {
            var line = command.Trim();
            var name = line is ['!' or '#', .. var rest] ? rest : line;
            checks.Optional("command_to_execute", command, MaxCommand)
                .That(
                    name.Length > 0 && !char.IsWhiteSpace(name[0]),
                    "command_to_execute",
                    "must name a command, such as !ping.")
                .That(!command.AsSpan().ContainsAny('\r', '\n'), "command_to_execute", "must be one line.");
        }

        checks
            .That(
                CommandParameters is not { Count: > MaxParameters },
                "command_parameters",
                $"must have at most {MaxParameters} entries.")
            .That(
                CommandParameters?.TrueForAll(IsParameter) != false,
                "command_parameters",
                $"must hold texts of up to {MaxCommand} characters, numbers and booleans only.");
    }

    private static bool IsParameter(JsonElement parameter) => parameter.ValueKind switch
    {
        JsonValueKind.String => parameter.GetString() is { Length: <= MaxCommand } text && Checks.Storable(text),
        JsonValueKind.Number => parameter.GetRawText().Length <= MaxCommand,
        JsonValueKind.True or JsonValueKind.False => true,
        _ => false,
    };

    private static bool IsOneOf(string? value, string[] choices) => choices.Contains(value, StringComparer.Ordinal);

    private static bool IsHttp(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && url.AsSpan(uri.Scheme.Length).StartsWith("://", StringComparison.Ordinal);
}
