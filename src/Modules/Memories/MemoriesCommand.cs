using Rookery.Kernel.Chat;
using Rookery.Modules.Memories.Reminders;

namespace Rookery.Modules.Memories;

/// <summary><c>!memories</c>: finds the sub-command.</summary>
internal sealed class MemoriesCommand(MemoryCommands memories, CategoryCommands categories, ReminderCommands reminders) : ICommand
{
    public const int CallsPerMinute = 30;

    public static CommandSpec Spec { get; } = new(
        "memories", "Keeps quotes, links and notes of the community, and reminds you.")
    {
        Aliases = ["memory", "mem"],
        Usage =
        [
            "add quote \"text\" [author]",
            "add url \"title\" \"address\" [description]",
            "add note \"title\" \"content\" [tag,tag]",
            "list [quote|url|note|category]",
            "search \"words\"",
            "get <id>",
            "edit <id> <title|content|author|url|tags> \"value\"",
            "delete <id>",
            "quotes",
            "urls",
            "react <id> <like|love|helpful|…>",
            "categories [add \"name\" [description] [#color] [icon] | assign <id> <name|none>]",
            "remind \"text\" <in 10 minutes | tomorrow 09:00 | every monday 18:00 | …>",
            "reminders",
            "cancel <id>",
            "timezone [Europe/Paris|reset]",
        ],
        RateLimit = CallsPerMinute,
    };

    private static readonly string Help = string.Join(
        '\n', Spec.Usage.Select(u => $"!memories {u}").Append(Contributors.Rule));

    public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct)
    {
        string[] words = [.. call.Arguments.Skip(1)];
        var name = call.Arguments.Count == 0 ? "help" : call.Arguments[0].ToLowerInvariant();
        return name switch
        {
            "add" => await memories.AddAsync(call, words, ct),
            "list" => await memories.ListAsync(call, words, ct),
            "search" or "find" => await memories.SearchAsync(call, words, ct),
            "get" or "show" => await memories.GetAsync(call, words, ct),
            "edit" => await memories.EditAsync(call, words, ct),
            "delete" or "remove" => await memories.DeleteAsync(call, words, ct),
            "quotes" or "quote" => await memories.QuoteAsync(call, ct),
            "urls" or "links" => await memories.UrlsAsync(call, ct),
            "react" => await memories.ReactAsync(call, words, ct),
            "categories" or "category" => await categories.RunAsync(call, words, ct),
            "remind" => await reminders.RemindAsync(call, words, ct),
            "reminders" => await reminders.ListAsync(call, ct),
            "cancel" => await reminders.CancelAsync(call, words, ct),
            "timezone" or "zone" => await reminders.ZoneAsync(call, words, ct),
            "help" => Reply.Text(Help),
            _ => Reply.Refuse($"There is no !memories {MemoryText.Cut(name, 50)}.\n{Help}"),
        };
    }
}

/// <summary><c>!remind …</c> for <c>!memories remind …</c>.</summary>
internal sealed class RemindCommand(ReminderCommands reminders) : ICommand
{
    public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct) =>
        await reminders.RemindAsync(call, [.. call.Arguments], ct);
}

/// <summary>
/// <c>!quote</c> for <c>!memories quotes</c>, <c>!quote "text" [author]</c> for <c>!memories add quote …</c>.
/// </summary>
internal sealed class QuoteCommand(MemoryCommands memories) : ICommand
{
    public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct) => call.Arguments.Count == 0
        ? await memories.QuoteAsync(call, ct)
        : await memories.AddAsync(call, [MemoryTypes.Quote, .. call.Arguments], ct);
}
