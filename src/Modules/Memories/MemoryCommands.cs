using System.Globalization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <summary>The sub-commands about quotes, links and notes.</summary>
internal sealed class MemoryCommands(
    MemoryStore store, ReactionStore reactions, CategoryStore categories, Contributors contributors)
{
    private const int ShownOfEach = 10;
    private const int ShownFound = 20;
    private const int ShownLinks = 20;

    private static readonly Reply AddUsage = Reply.Refuse(
        """Usage: !memories add quote "text" [author], add url "title" "address" [description] or add note "title" "content" [tag,tag]""");

    public async Task<Reply> AddAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (!await contributors.MayWriteAsync(call, ct))
        {
            return Forbidden;
        }

        if (Draft(call, words) is not { } draft)
        {
            return AddUsage;
        }

        var wanted = draft.Completed();
        var checks = wanted.Check();
        if (!checks.Ok)
        {
            return Refuse(checks);
        }

        var added = await store.AddAsync(wanted, ct);
        return Reply.Text(
            $"{MemoryText.Name(added.MemoryType)} added by {call.Member.Name} – {MemoryText.Line(added)}");
    }

    public async Task<Reply> ListAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        var filter = MemoryFilter.All;
        if (words is [var wanted, ..])
        {
            var type = wanted.ToLowerInvariant().TrimEnd('s');
            if (MemoryTypes.Known(type))
            {
                filter = new MemoryFilter(Type: type);
            }
            else if (Checks.Storable(wanted) && await categories.FindAsync(call.Community, wanted, ct) is { } category)
            {
                filter = new MemoryFilter(Category: category.Name);
            }
            else
            {
                return Reply.Refuse(
                    $"{MemoryText.Cut(wanted, 100)} is neither quote, url or note nor a category here; !memories categories lists those.");
            }
        }

        var found = await store.NewestAsync(call.Community, filter, ShownOfEach, ct);
        var groups = found.GroupBy(m => m.MemoryType, StringComparer.Ordinal).Select(
            g => $"{MemoryText.Heading(g.Key)}\n{Lines(g)}");
        return Reply.Text(found.Count == 0 ? "Nothing is kept here yet." : string.Join('\n', groups));
    }

    public async Task<Reply> SearchAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        var term = string.Join(' ', words).Trim();
        if (term.Length == 0 || !Checks.Storable(term))
        {
            return Reply.Refuse("Usage: !memories search \"words\"");
        }

        var found = await store.SearchAsync(call.Community, term, MemoryFilter.All, 0, ShownFound, ct);
        return Reply.Text(found.Count == 0 ? $"Nothing matches {MemoryText.Cut(term, 100)}." : Lines(found));
    }

    public async Task<Reply> GetAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (words is not [var word, ..] || !TryId(word, out var id))
        {
            return Reply.Refuse("Usage: !memories get <id>");
        }

        return await store.UseAsync(call.Community, id, ct) is { } memory
            ? Reply.Text(MemoryText.Full(memory))
            : NoMemory(id);
    }

    public async Task<Reply> EditAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (!await contributors.MayWriteAsync(call, ct))
        {
            return Forbidden;
        }

        if (words is not [var word, var field, var value, ..] || !TryId(word, out var id))
        {
            return Reply.Refuse("Usage: !memories edit <id> <title|content|author|url|tags> \"value\"");
        }

        MemoryChange? change = field.ToLowerInvariant() switch
        {
            "title" => new() { Title = value },
            "content" => new() { Content = value },
            "author" => new() { Author = value },
            "url" => new() { Url = value },
            "tags" => new() { Tags = MemoryRules.Split(value) },
            _ => null,
        };
        if (change?.Completed() is not { } wanted)
        {
            return Reply.Refuse(
                $"{MemoryText.Cut(field, 50)} cannot be edited; title, content, author, url and tags can.");
        }

        var checks = wanted.Check();
        if (!checks.Ok)
        {
            return Refuse(checks);
        }

        return await store.EditAsync(call.Community, id, wanted, call.Member.Key, ct) is { } edited
            ? Reply.Text($"{MemoryText.Name(edited.MemoryType)} changed – {MemoryText.Line(edited)}")
            : NoMemory(id);
    }

    public async Task<Reply> DeleteAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (!await contributors.MayWriteAsync(call, ct))
        {
            return Forbidden;
        }

        if (words is not [var word, ..] || !TryId(word, out var id))
        {
            return Reply.Refuse("Usage: !memories delete <id>");
        }

        return await store.DeleteAsync(call.Community, id, call.Member.Key, ct)
            ? Reply.Text(string.Create(CultureInfo.InvariantCulture, $"Memory {id} is deleted."))
            : NoMemory(id);
    }

    public async Task<Reply> QuoteAsync(CommandCall call, CancellationToken ct) =>
        await store.UseAnyAsync(call.Community, MemoryTypes.Quote, ct) is { } quote
            ? Reply.Text(string.Create(CultureInfo.InvariantCulture, $"{MemoryText.Body(quote)} ({quote.Id})"))
            : Reply.Text("There is no quote yet. A moderator adds one with: !memories add quote \"text\" [author]");

    public async Task<Reply> UrlsAsync(CommandCall call, CancellationToken ct)
    {
        var links = await store.NewestAsync(call.Community, new MemoryFilter(Type: MemoryTypes.Url), ShownLinks, ct);
        return Reply.Text(links.Count == 0
            ? "There is no link yet. A moderator adds one with: !memories add url \"title\" \"address\" [description]"
            : string.Join('\n', links.Select(MemoryText.Link)));
    }

    public async Task<Reply> ReactAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (words is not [var word, var type, ..] || !TryId(word, out var id))
        {
            return Reply.Refuse("Usage: !memories react <id> <like|love|helpful|…>");
        }

        var reaction = type.ToLowerInvariant();
        var checks = MemoryRules.CheckReaction(reaction);
        if (!checks.Ok)
        {
            return Refuse(checks);
        }

        if (await reactions.ToggleAsync(call.Community, id, Actor.Of(call.Member), reaction, ct) is not { } state)
        {
            return NoMemory(id);
        }

        var did = state.IsOn == true ? "gave" : "took back";
        return Reply.Text(
            string.Create(CultureInfo.InvariantCulture, $"{call.Member.Name} {did} {reaction} on memory {id}: {state}."));
    }

    public static Reply Forbidden { get; } = Reply.Refuse($"You may not do that. {Contributors.Rule}");

    public static Reply Refuse(Checks checks) => Reply.Refuse($"{checks.Errors[0].Field} {checks.Errors[0].Message}");

    public static Reply NoMemory(long id) =>
        Reply.Refuse(string.Create(CultureInfo.InvariantCulture, $"There is no memory {id} here."));

    /// <summary>Reads <c>12</c> or <c>#12</c>.</summary>
    public static bool TryId(string word, out long id) =>
        long.TryParse(word.AsSpan().TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out id);

    private static NewMemory? Draft(CommandCall call, string[] words)
    {
        var memory = new NewMemory(
            call.Community,
            call.Entity.EntityId,
            Actor.Of(call.Member),
            words.Length == 0 ? "" : words[0].ToLowerInvariant());
        return (memory.MemoryType, words) switch
        {
            (MemoryTypes.Quote, [_, var text, .. var author]) =>
                memory with { Content = text, Author = string.Join(' ', author) },
            (MemoryTypes.Url, [_, var title, var url, .. var about]) =>
                memory with { Title = title, Url = url, Content = string.Join(' ', about) },
            (MemoryTypes.Note, [_, var title, var content, .. var tags]) =>
                memory with { Title = title, Content = content, Tags = MemoryRules.Split(string.Join(' ', tags)) },
            _ => null,
        };
    }

    private static string Lines(IEnumerable<Memory> memories) => string.Join('\n', memories.Select(MemoryText.Line));
}
