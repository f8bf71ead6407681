using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Communities;

/// <summary>One community; fields as the columns.</summary>
/// <param name="Owner"><c>platform:user</c>.</param>
public sealed record CommunityView(
    long Id, string Name, string Description, string? Owner, bool IsActive, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>The table <c>kernel.communities</c>.</summary>
internal sealed class CommunityStore(Database db, AuditLog audit, TimeProvider clock)
{
    /// <summary>Everybody's community. It cannot go.</summary>
    public const long Global = 1;

    private static readonly SqlFragment Columns = Sql.Fragment(
        "id, name, description, owner, is_active, created_at, updated_at");

    public Task<bool> ExistsAsync(long id, CancellationToken ct) =>
        db.Write.ValueAsync<bool>($"select exists (select from kernel.communities where id = {id})", ct);

    public Task<CommunityView?> FindAsync(long id, CancellationToken ct) =>
        db.Read.FindAsync($"select {Columns} from kernel.communities where id = {id}", Read, ct);

    /// <param name="only">Null: all.</param>
    public Task<IReadOnlyList<CommunityView>> ListAsync(
        long? only, bool? active, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Columns} from kernel.communities
        where ({only}::bigint is null or id = {only}) and ({active}::boolean is null or is_active = {active})
          and ({page.AfterId}::bigint is null or id > {page.AfterId})
        order by id limit {page.Limit + 1}
        """,
        Read,
        ct);

    /// <returns>Null when the name is taken.</returns>
    public Task<CommunityView?> CreateAsync(CommunityRequest request, string by, CancellationToken ct) => ChangeAsync(
        $"""
        insert into kernel.communities (name, description, owner, is_active, created_at, updated_at)
        values ({request.Name}, {request.Description ?? ""}, nullif({request.Owner}, ''), {request.IsActive ?? true},
            {clock.GetUtcNow()}, {clock.GetUtcNow()})
        on conflict (name) do nothing
        returning {Columns}
        """,
        request,
        "community.created",
        by,
        ct);

    /// <summary>Changes what the request names.</summary>
    /// <returns>Null when there is no such community.</returns>
    /// <exception cref="PostgresException">23505: the name is taken.</exception>
    public Task<CommunityView?> UpdateAsync(
        long id, CommunityRequest request, string by, CancellationToken ct) => ChangeAsync(
        $"""
        update kernel.communities
        set name = coalesce({request.Name}, name), description = coalesce({request.Description}, description),
            owner = nullif(coalesce({request.Owner}, owner), ''), is_active = coalesce({request.IsActive}, is_active),
                updated_at = {clock.GetUtcNow()}
        where id = {id}
        returning {Columns}
        """,
        request,
        request.IsActive == false ? "community.deactivated" : "community.updated",
        by,
        ct);

    private Task<CommunityView?> ChangeAsync(
        Sql change, CommunityRequest request, string action, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var community = await transaction.FindAsync(change, Read, ct);
            if (community is not null)
            {
                var details = new JsonObject
                {
                    ["name"] = request.Name,
                    ["description"] = request.Description,
                    ["owner"] = request.Owner,
                    ["is_active"] = request.IsActive,
                };
                await audit.WriteAsync(transaction, community.Id, by, action, details, ct);
            }

            return community;
        },
        ct);

    private static CommunityView Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetString(1),
        r.GetString(2),
        r.IsDBNull(3) ? null : r.GetString(3),
        r.GetBoolean(4),
        r.GetFieldValue<DateTimeOffset>(5),
        r.GetFieldValue<DateTimeOffset>(6));
}
