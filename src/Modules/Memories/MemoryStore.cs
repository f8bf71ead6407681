using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <summary>Which memories a listing shows; null leaves a condition out.</summary>
internal sealed record MemoryFilter(string? Type = null, string? Tag = null, string? Category = null)
{
    public static MemoryFilter All { get; } = new();
}

/// <summary>All statements about memories. Deleted ones exist for none of them.</summary>
internal sealed class MemoryStore(Database db, AuditLog audit, TimeProvider clock)
{
    public async Task<Memory> AddAsync(NewMemory m, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return (await db.Write.FindAsync(
            $"""
            insert into memories.memories as m (community_id, entity_id, memory_type, title, content, url, author,
                context, tags,
                category_id, platform, created_by, created_by_name, created_at, updated_at)
            values ({m.Community}, {m.EntityId}, {m.MemoryType}, {m.Title}, {m.Content}, {m.Url}, {m.Author},
                {m.Context}, {Json(m.Tags)}::jsonb,
                {m.CategoryId}, {m.By.Platform.Name()}, {m.By.UserId}, {m.By.UserName}, {now}, {now})
            returning {Memory.Columns}
            """,
            Memory.Read,
            ct))!;
    }

    public async Task<bool> ExistsAsync(long community, long id, CancellationToken ct) => await db.Read.ListAsync(
        $"select id from memories.memories where id = {id} and community_id = {community} and is_active", r => r.GetInt64(0), ct) is not [];

    /// <summary>Reads one, which counts as a use.</summary>
    public Task<Memory?> UseAsync(long community, long id, CancellationToken ct) => db.Write.FindAsync(
        $"""
        update memories.memories m set usage_count = usage_count + 1, last_used = {clock.GetUtcNow()}
        where m.id = {id} and m.community_id = {community} and m.is_active
        returning {Memory.Columns}
        """,
        Memory.Read,
        ct);

    /// <summary>Draws one of a type, which counts as a use.</summary>
    public Task<Memory?> UseAnyAsync(long community, string type, CancellationToken ct) => db.Write.FindAsync(
        $"""
        with pick as materialized (
            select id from memories.memories
            where community_id = {community} and memory_type = {type} and is_active
            order by random() limit 1)
        update memories.memories m set usage_count = usage_count + 1, last_used = {clock.GetUtcNow()}
        from pick where m.id = pick.id and m.community_id = {community} and m.is_active
        returning {Memory.Columns}
        """,
        Memory.Read,
        ct);

    /// <summary>Newest first, at most so many of each type.</summary>
    public Task<IReadOnlyList<Memory>> NewestAsync(
        long community, MemoryFilter filter, int ofEach, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Memory.Columns} from (
            select a.*, row_number() over (partition by memory_type order by id desc) n from memories.memories a
            where community_id = {community} and is_active and ({filter.Type}::text is null
                or memory_type = {filter.Type})
              and ({filter.Category}::text is null or category_id in (
                select id from memories.memory_categories where community_id = {community}
                    and lower(name) = lower({filter.Category})))) m
        where m.n <= {ofEach} order by array_position(array['quote', 'url', 'note'], m.memory_type), m.id desc
        """,
        Memory.Read,
        ct);

    public Task<IReadOnlyList<Memory>> PageAsync(
        long community, MemoryFilter filter, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Memory.Columns} from memories.memories m
        where m.community_id = {community} and m.is_active and ({page.AfterId}::bigint is null or m.id < {page.AfterId})
          and ({filter.Type}::text is null or m.memory_type = {filter.Type})
          and ({filter.Tag}::text is null or m.tags @> to_jsonb({filter.Tag}::text))
          and ({filter.Category}::text is null or m.category_id in (
            select id from memories.memory_categories where community_id = {community}
                and lower(name) = lower({filter.Category})))
        order by m.id desc limit {page.Limit + 1}
        """,
        Memory.Read,
        ct);

    /// <summary>
    /// Best match first: words, "phrases" and -exclusions over title, author, tags, content and URL. Where no word
    /// matches, the term is looked for as a part of those texts.
    /// </summary>
    public Task<IReadOnlyList<Memory>> SearchAsync(
        long community, string term, MemoryFilter filter, long skip, int limit, CancellationToken ct) => db.Read.ListAsync(
        $"""
        with mine as not materialized (
            select * from memories.memories
            where community_id = {community} and is_active and ({filter.Type}::text is null
                or memory_type = {filter.Type})
              and ({filter.Tag}::text is null or tags @> to_jsonb({filter.Tag}::text))
              and ({filter.Category}::text is null or category_id in (
                select id from memories.memory_categories where community_id = {community}
                    and lower(name) = lower({filter.Category})))),
        ranked as materialized (
            select id, ts_rank(search, websearch_to_tsquery('simple', {term})) rank
            from mine where search @@ websearch_to_tsquery('simple', {term})),
        found as (
            select id, rank from ranked
            union all
            select id, 0 from mine
            where not exists (select from ranked)
              and strpos(lower(concat_ws(e'\n', title, author, content, url, tags::text)), lower({term})) > 0)
        select {Memory.Columns} from found join memories.memories m on m.id = found.id
        order by found.rank desc, m.id desc offset {skip} limit {limit}
        """,
        Memory.Read,
        ct);

    /// <returns>Null when the community has no such memory.</returns>
    public Task<Memory?> EditAsync(
        long community, long id, MemoryChange change, string actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var tags = change.Tags is null ? null : Json(change.Tags);
            var edited = await transaction.FindAsync(
                $"""
                update memories.memories m
                set title = case
                        when {change.Title}::text is not null then {change.Title}
                        when {change.Author}::text is not null and memory_type = 'quote'
                            and title = 'Quote by ' || author
                            then 'Quote by ' || {change.Author}
                        else title end,
                    content = coalesce({change.Content}, content), url = coalesce({change.Url}, url),
                        author = coalesce({change.Author}, author),
                    context = nullif(coalesce({change.Context}, context), ''), tags = coalesce({tags}::jsonb, tags),
                    category_id = nullif(coalesce({change.CategoryId}, category_id), 0),
                        updated_at = {clock.GetUtcNow()}
                where m.id = {id} and m.community_id = {community} and m.is_active
                returning {Memory.Columns}
                """,
                Memory.Read,
                ct);
            if (edited is not null)
            {
                var fields = JsonSerializer.SerializeToNode(change, MemoriesJson.Default.MemoryChange)!.AsObject();
                await audit.WriteAsync(
                    transaction,
                    community,
                    actor,
                    "memory.edited",
                    new JsonObject { ["id"] = id, ["changes"] = fields },
                    ct);
            }

            return edited;
        },
        ct);

    /// <returns>False when the community has no such memory.</returns>
    public Task<bool> DeleteAsync(long community, long id, string actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var deleted = await transaction.ExecuteAsync(
                $"""
                update memories.memories set is_active = false, updated_at = {clock.GetUtcNow()}
                where id = {id} and community_id = {community} and is_active
                """,
                ct) == 1;
            if (deleted)
            {
                await audit.WriteAsync(
                    transaction, community, actor, "memory.deleted", new JsonObject { ["id"] = id }, ct);
            }

            return deleted;
        },
        ct);

    public async Task<MemoryStats> StatsAsync(long community, CancellationToken ct) => (await db.Read.FindAsync(
        $"""
        select count(*), count(*) filter (where memory_type = 'quote'), count(*) filter (where memory_type = 'url'),
            count(*) filter (where memory_type = 'note'), count(distinct author) filter (where memory_type = 'quote'),
            coalesce(sum(usage_count), 0)::bigint, max(created_at),
            (select count(*) from memories.memory_categories where community_id = {community}),
            (select count(*) from memories.memory_reactions r join memories.memories o on o.id = r.memory_id
             where o.community_id = {community} and o.is_active),
            (select count(*) from memories.reminders where community_id = {community} and not is_sent
                and cancelled_at is null)
        from memories.memories where community_id = {community} and is_active
        """,
        r => new MemoryStats(
            r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5),
            r.IsDBNull(6) ? null : r.GetFieldValue<DateTimeOffset>(6), r.GetInt64(7), r.GetInt64(8), r.GetInt64(9)),
        ct))!;

    private static string Json(IReadOnlyList<string> tags) =>
        JsonSerializer.Serialize([.. tags], MemoriesJson.Default.StringArray);
}

/// <param name="UsageCount">Uses of all memories together.</param>
/// <param name="Latest">When the newest one was added.</param>
/// <param name="ActiveReminders">Reminders still to come.</param>
internal sealed record MemoryStats(
    long Total,
    long Quotes,
    long Urls,
    long Notes,
    long Authors,
    long UsageCount,
    DateTimeOffset? Latest,
    long Categories,
    long Reactions,
    long ActiveReminders);
