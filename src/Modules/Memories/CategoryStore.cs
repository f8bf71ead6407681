using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <summary>A heading memories can be put under; fields as in the seed table <c>memory_categories</c>.</summary>
/// <param name="Color">#rrggbb.</param>
/// <param name="Memories">How many memories are under it.</param>
internal sealed record Category(
    long Id,
    long CommunityId,
    string Name,
    string Description,
    string Color,
    string Icon,
    string? Platform,
    string? CreatedBy,
    string? CreatedByName,
    DateTimeOffset CreatedAt,
    long Memories)
{
    /// <summary>The columns of a row that the statement calls c.</summary>
    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        c.id, c.community_id, c.name, c.description, c.color, c.icon, c.platform, c.created_by, c.created_by_name,
            c.created_at,
        (select count(*) from memories.memories o where o.community_id = c.community_id and o.category_id = c.id
            and o.is_active)
        """);

    public static Category Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetInt64(1),
        r.GetString(2),
        r.GetString(3),
        r.GetString(4),
        r.GetString(5),
        r.IsDBNull(6) ? null : r.GetString(6),
        r.IsDBNull(7) ? null : r.GetString(7),
        r.IsDBNull(8) ? null : r.GetString(8),
        r.GetFieldValue<DateTimeOffset>(9),
        r.GetInt64(10));
}

/// <summary>What a category is to be; null leaves a field as it is, or as it is by default.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CategoryFields(string? Name, string? Description, string? Color, string? Icon)
{
    private const int MaxName = 100;
    private const int MaxDescription = 2000;
    private const int MaxIcon = 50;

    public CategoryFields Completed() => this with { Name = Name?.Trim(), Color = Color?.ToLowerInvariant() };

    public Checks Check(bool isNew)
    {
        var checks = isNew ? new Checks().Text("name", Name, MaxName) : new Checks().Optional("name", Name, MaxName);
        return checks
            .That(isNew || Name is not "", "name", "must not be empty.")
            .That(isNew || this != new CategoryFields(null, null, null, null), "$", "names nothing to change.")
            .Optional("description", Description, MaxDescription)
            .That(Color is null || IsColor(Color), "color", "must look like #3b82f6.")
            .That(Icon is not "", "icon", "must not be empty.")
            .Optional("icon", Icon, MaxIcon);
    }

    private static bool IsColor(string text) =>
        text.Length == 7 && text[0] == '#' && text.Skip(1).All(char.IsAsciiHexDigit);
}

internal sealed class CategoryStore(Database db, AuditLog audit, TimeProvider clock)
{
    private const string DefaultColor = "#3b82f6";
    private const string DefaultIcon = "📝";

    public Task<IReadOnlyList<Category>> ListAsync(
        long community, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Category.Columns} from memories.memory_categories c
        where c.community_id = {community} and ({page.AfterId}::bigint is null or c.id > {page.AfterId})
        order by c.id limit {page.Limit + 1}
        """,
        Category.Read,
        ct);

    public Task<Category?> FindAsync(long community, string name, CancellationToken ct) => db.Write.FindAsync(
        $"select {Category.Columns} from memories.memory_categories c where c.community_id = {community} and lower(c.name) = lower({name})",
        Category.Read,
        ct);

    /// <returns>Null when the community has a category of this name; case does not matter.</returns>
    public Task<Category?> AddAsync(
        long community, CategoryFields fields, Actor by, string actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var added = await transaction.FindAsync(
                $"""
                insert into memories.memory_categories as c (community_id, name, description, color, icon,
                    platform, created_by, created_by_name, created_at)
                values ({community}, {fields.Name}, {fields.Description ?? ""}, {fields.Color ?? DefaultColor},
                    {fields.Icon ?? DefaultIcon},
                    {by.Platform.Name()}, {by.UserId}, {by.UserName}, {clock.GetUtcNow()})
                on conflict (community_id, lower(name)) do nothing
                returning {Category.Columns}
                """,
                Category.Read,
                ct);
            if (added is not null)
            {
                await NoteAsync(transaction, community, actor, "created", added.Id, added.Name, ct);
            }

            return added;
        },
        ct);

    /// <returns>Null when the community has no such category.</returns>
    /// <exception cref="PostgresException">Another category of the community has the name.</exception>
    public Task<Category?> EditAsync(
        long community, long id, CategoryFields fields, string actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var edited = await transaction.FindAsync(
                $"""
                update memories.memory_categories c
                set name = coalesce({fields.Name}, name), description = coalesce({fields.Description}, description),
                    color = coalesce({fields.Color}, color), icon = coalesce({fields.Icon}, icon)
                where c.id = {id} and c.community_id = {community}
                returning {Category.Columns}
                """,
                Category.Read,
                ct);
            if (edited is not null)
            {
                await NoteAsync(transaction, community, actor, "edited", id, edited.Name, ct);
            }

            return edited;
        },
        ct);

    /// <summary>Deletes one; memories under it stay, under none.</summary>
    /// <returns>False when the community has no such category.</returns>
    public Task<bool> DeleteAsync(long community, long id, string actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var deleted = await transaction.ExecuteAsync(
                $"delete from memories.memory_categories where id = {id} and community_id = {community}", ct) == 1;
            if (deleted)
            {
                await NoteAsync(transaction, community, actor, "deleted", id, null, ct);
            }

            return deleted;
        },
        ct);

    private Task NoteAsync(Transaction transaction, long community, string actor, string act, long id, string? name, CancellationToken ct) =>
        audit.WriteAsync(
            transaction,
            community,
            actor,
            $"memory_category.{act}",
            new JsonObject { ["id"] = id, ["name"] = name },
            ct);
}
