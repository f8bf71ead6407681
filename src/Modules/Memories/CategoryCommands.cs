using System.Globalization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <summary><c>!memories categories …</c></summary>
internal sealed class CategoryCommands(CategoryStore store, MemoryStore memories, Contributors contributors)
{
    private const int Shown = 50;

    private static readonly Reply Usage = Reply.Refuse(
        "Usage: !memories categories, !memories categories add \"name\" [description] [#color] [icon], !memories categories assign <id> <name|none>");

    public Task<Reply> RunAsync(CommandCall call, string[] words, CancellationToken ct) => words switch
    {
        [] => ListAsync(call, ct),
        [var verb, .. var rest] => verb.ToLowerInvariant() switch
        {
            "list" => ListAsync(call, ct),
            "add" => AddAsync(call, [.. rest], ct),
            "assign" => AssignAsync(call, [.. rest], ct),
            _ => Task.FromResult(Usage),
        },
    };

    private async Task<Reply> ListAsync(CommandCall call, CancellationToken ct)
    {
        var all = await store.ListAsync(call.Community, new PageQuery(Shown, null), ct);
        return Reply.Text(all.Count == 0
            ? "There is no category yet. A moderator adds one with: !memories categories add \"name\" [description]"
            : string.Join('\n', all.Select(Line)));
    }

    private async Task<Reply> AddAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (!await contributors.MayWriteAsync(call, ct))
        {
            return MemoryCommands.Forbidden;
        }

        if (words is not [var name, ..])
        {
            return Usage;
        }

        var color = words.Skip(1).FirstOrDefault(w => w.StartsWith('#'));
        string[] others = [.. words.Skip(1).Where(w => w != color)];
        var fields =
            new CategoryFields(name, others.ElementAtOrDefault(0), color, others.ElementAtOrDefault(1)).Completed();
        var checks = fields.Check(isNew: true);
        if (!checks.Ok)
        {
            return MemoryCommands.Refuse(checks);
        }

        return await store.AddAsync(call.Community, fields, Actor.Of(call.Member), call.Member.Key, ct) is { } added
            ? Reply.Text($"Category added – {Line(added)}")
            : Reply.Refuse($"There is a category {fields.Name} already.");
    }

    private async Task<Reply> AssignAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (!await contributors.MayWriteAsync(call, ct))
        {
            return MemoryCommands.Forbidden;
        }

        if (words is not [var word, .. { Length: > 0 } names] || !MemoryCommands.TryId(word, out var id))
        {
            return Usage;
        }

        var name = string.Join(' ', names);
        var none = string.Equals(name, "none", StringComparison.OrdinalIgnoreCase);
        var category = none || !Checks.Storable(name) ? null : await store.FindAsync(call.Community, name, ct);
        if (category is null && !none)
        {
            return Reply.Refuse(
                $"There is no category {MemoryText.Cut(name, 100)} here; !memories categories lists what there is.");
        }

        return await memories.EditAsync(call.Community, id, new MemoryChange { CategoryId = category?.Id ?? 0 }, call.Member.Key, ct) is null
            ? MemoryCommands.NoMemory(id)
            : Reply.Text(
                string.Create(CultureInfo.InvariantCulture, $"Memory {id} is under {category?.Name ?? "no category"} now."));
    }

    private static string Line(Category c)
    {
        var about = c.Description.Length == 0 ? "" : $" – {MemoryText.Cut(c.Description)}";
        return string.Create(CultureInfo.InvariantCulture, $"{c.Icon} {c.Name} ({c.Memories}){about}");
    }
}
