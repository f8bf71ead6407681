using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Communities;

/// <summary>A role a community granted; fields as the columns of <c>member_roles</c>.</summary>
public sealed record MemberRole(
    long CommunityId, Platform Platform, string UserId, string UserName, Role Role, string GrantedBy,
    DateTimeOffset GrantedAt)
{
    /// <summary>Where a page ends: <c>platform:user</c>.</summary>
    internal string Position => $"{Platform.Name()}:{UserId}";
}

/// <summary>The table <c>kernel.member_roles</c>.</summary>
internal sealed class MemberStore(Database db, AuditLog audit, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment(
        "community_id, platform, user_id, user_name, role, granted_by, granted_at");

    public Task<IReadOnlyList<MemberRole>> ListAsync(long community, PageQuery page, CancellationToken ct)
    {
        var (platform, user) = page.After?.Split(':', 2) is [var p, var u] ? (p, u) : (null, null);
        return db.Read.ListAsync(
            $"""
            select {Columns} from kernel.member_roles
            where community_id = {community} and ({platform}::text is null or (platform, user_id) > ({platform},
                {user}))
            order by platform, user_id limit {page.Limit + 1}
            """,
            Read,
            ct);
    }

    public Task<MemberRole?> FindAsync(
        long community, Platform platform, string user, CancellationToken ct) => db.Read.FindAsync(
        $"select {Columns} from kernel.member_roles where community_id = {community} and platform = {platform.Name()} and user_id = {user}",
        Read,
        ct);

    /// <exception cref="PostgresException">23503: there is no such community.</exception>
    public Task<MemberRole> GrantAsync(
        long community, Platform platform, string user, string? userName, Role role, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var granted = await transaction.FindAsync(
                $"""
                insert into kernel.member_roles as m (community_id, platform, user_id, user_name, role, granted_by,
                    granted_at)
                values ({community}, {platform.Name()}, {user}, {userName ?? ""}, {role.Name()}, {by},
                    {clock.GetUtcNow()})
                on conflict (community_id, platform, user_id) do update
                set role = excluded.role, granted_by = excluded.granted_by, granted_at = excluded.granted_at,
                    user_name = coalesce({userName}, m.user_name)
                returning {Columns}
                """,
                Read,
                ct);
            await audit.WriteAsync(
                transaction, community, by, "role.granted", Details(platform, user, role.Name()), ct);
            return granted!;
        },
        ct);

    /// <returns>False when nothing was granted.</returns>
    public Task<bool> RevokeAsync(
        long community, Platform platform, string user, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var revoked = await transaction.ExecuteAsync(
                $"delete from kernel.member_roles where community_id = {community} and platform = {platform.Name()} and user_id = {user}", ct) == 1;
            if (revoked)
            {
                await audit.WriteAsync(transaction, community, by, "role.revoked", Details(platform, user, null), ct);
            }

            return revoked;
        },
        ct);

    private static JsonObject Details(Platform platform, string user, string? role) => new()
    {
        ["platform"] = platform.Name(),
        ["user_id"] = user,
        ["role"] = role,
    };

    private static MemberRole Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        Platforms.Parse(r.GetString(1)),
        r.GetString(2),
        r.GetString(3),
        Roles.TryParse(r.GetString(4), out var role) ? role : Role.Member,
        r.GetString(5),
        r.GetFieldValue<DateTimeOffset>(6));
}
