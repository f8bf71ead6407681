using System.Buffers;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>
/// The commands as Discord shows them. Each takes what would be typed after its name as one text, so that whatever works
/// with a prefix works with a slash. Source: Discord developer documentation, Application commands.
/// </summary>
internal static class SlashCommands
{
    public const string Arguments = "args";

    private const int Most = 100;
    private const int MaxName = 32;
    private const int MaxDescription = 100;
    private const int MaxChoices = 25;
    private const int MaxChoice = 100;

    private static readonly int[] InServers = [0];

    /// <summary>Where the fixed words of a form end.</summary>
    private static readonly SearchValues<char> Open = SearchValues.Create("<[(\"|{");

    /// <returns>What Discord is told, in the order of the names, and which commands it cannot have.</returns>
    public static (IReadOnlyList<SlashCommand> Commands, IReadOnlyList<string> LeftOut) Of(IReadOnlyList<ListedCommand> typed)
    {
        var named = typed.OrderBy(c => c.Prefix == '!' ? 0 : 1).DistinctBy(c => c.Name, StringComparer.Ordinal).ToList();
        var fitting = named.Where(c => Fits(c.Name)).OrderBy(c => c.Name, StringComparer.Ordinal).ToList();
        var leftOut = typed.Except(fitting.Take(Most)).Select(c => $"{c.Prefix}{c.Name}").ToList();
        return ([.. fitting.Take(Most).Select(Of)], leftOut);
    }

    /// <summary>The forms that what is typed can still become. Choosing one keeps what was typed beyond its fixed words.</summary>
    public static IReadOnlyList<Choice> Suggest(IReadOnlyList<string> usage, string typed)
    {
        typed = typed.TrimStart();
        return
        [
            .. usage.Select(form => (Form: form, Words: FixedWords(form)))
                .Where(f => f.Words.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
                    || typed.StartsWith(f.Words, StringComparison.OrdinalIgnoreCase))
                .Select(f => new Choice(Cut(f.Form, MaxChoice), f.Words.Length > typed.Length ? f.Words : typed))
                .Where(c => c is { Name.Length: > 0, Value.Length: > 0 and <= MaxChoice })
                .DistinctBy(c => c.Name, StringComparer.Ordinal)
                .Take(MaxChoices),
        ];
    }

    private static SlashCommand Of(ListedCommand command)
    {
        var usage = command.Usage.Where(u => u.Length > 0).ToList();
        return new SlashCommand(
            command.Name,
            Cut(command.Description.Length > 0 ? command.Description : command.Name, MaxDescription),
            [new SlashOption(Arguments, Cut(usage.Count > 0 ? string.Join(" | ", usage) : "What follows the command", MaxDescription), usage.Count > 0)],
            InServers);
    }

    private static bool Fits(string name) =>
        name.Length is >= 1 and <= MaxName
        && name.All(c => c is '-' or '_' or '\'' || char.IsLetter(c) || char.IsNumber(c))
        && !name.Any(c => char.ToLowerInvariant(c) != c);

    private static string FixedWords(string form)
    {
        var end = form.AsSpan().IndexOfAny(Open);
        return (end < 0 ? form : form[..end]).TrimEnd();
    }

    private static string Cut(string text, int max) => text.Length <= max ? text : $"{text[..(max - 1)]}…";
}
