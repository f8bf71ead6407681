using System.Globalization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Modules.Memories;

/// <summary>What a toggle left behind.</summary>
/// <param name="IsOn">True when the reaction was given, false when it was taken back.</param>
/// <param name="Reactions">How many members gave each reaction.</param>
internal sealed record ReactionState(
    long MemoryId, string? ReactionType, bool? IsOn, IReadOnlyDictionary<string, long> Reactions)
{
    public override string ToString() => Reactions.Count == 0
        ? "no reactions"
        : string.Join(", ", Reactions.Select(r => $"{r.Key} {r.Value.ToString(CultureInfo.InvariantCulture)}"));
}

/// <summary>Each member has each reaction to a memory once or not at all.</summary>
internal sealed class ReactionStore(Database db, TimeProvider clock)
{
    /// <summary>
    /// Gives a reaction, or takes it back when it was given before. Toggles at the same time count one by one.
    /// </summary>
    /// <returns>Null when the community has no such memory.</returns>
    public Task<ReactionState?> ToggleAsync(
        long community, long memory, Actor by, string type, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var held = await transaction.ListAsync(
                $"select id from memories.memories where id = {memory} and community_id = {community} and is_active for update", r => r.GetInt64(0), ct);
            if (held is [])
            {
                return null;
            }

            var (platform, user) = (by.Platform.Name(), by.UserId);
            var wasOn = await transaction.ExecuteAsync(
                $"""
                delete from memories.memory_reactions
                where memory_id = {memory} and platform = {platform} and user_id = {user} and reaction_type = {type}
                """,
                ct) == 1;
            if (!wasOn)
            {
                await transaction.ExecuteAsync(
                    $"""
                    insert into memories.memory_reactions (memory_id, platform, user_id, reaction_type, created_at)
                    values ({memory}, {platform}, {user}, {type}, {clock.GetUtcNow()})
                    """,
                    ct);
            }

            return new ReactionState(memory, type, !wasOn, await CountAsync(transaction, memory, ct));
        },
        ct);

    /// <returns>Null when the community has no such memory.</returns>
    public async Task<ReactionState?> FindAsync(long community, long memory, CancellationToken ct) =>
        await db.Read.ListAsync(
            $"select id from memories.memories where id = {memory} and community_id = {community} and is_active", r => r.GetInt64(0), ct) is []
            ? null
            : new ReactionState(memory, null, null, await CountAsync(db.Read, memory, ct));

    private static async Task<IReadOnlyDictionary<string, long>> CountAsync(
        Session session, long memory, CancellationToken ct)
    {
        var rows = await session.ListAsync(
            $"select reaction_type, count(*) from memories.memory_reactions where memory_id = {memory} group by 1 order by 2 desc, 1",
            r => KeyValuePair.Create(r.GetString(0), r.GetInt64(1)),
            ct);
        return new Dictionary<string, long>(rows, StringComparer.Ordinal);
    }
}
