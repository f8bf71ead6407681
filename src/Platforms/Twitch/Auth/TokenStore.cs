using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Twitch.Auth;

/// <summary>A person's token: the bot's or a broadcaster's.</summary>
/// <param name="RefreshToken">Null: it cannot be renewed; the person must log in again.</param>
/// <param name="Scopes">What the person allowed.</param>
internal sealed record UserToken(
    string UserId, string AccessToken, string? RefreshToken, DateTimeOffset ExpiresAt, IReadOnlySet<string> Scopes)
{
    public override string ToString() => $"token of {UserId}";
}

/// <summary>The table <c>twitch_tokens</c>, whose tokens are sealed.</summary>
internal sealed class TokenStore(Database db, SecretBox box, TimeProvider clock)
{
    private static readonly SqlFragment Columns = Sql.Fragment("user_id, access_token, refresh_token, expires_at, scope");

    public Task<UserToken?> FindAsync(string userId, CancellationToken ct) => db.Write.FindAsync(
        $"select {Columns} from twitch.twitch_tokens where user_id = {userId}", Read, ct);

    /// <summary>Keeps everybody else from the row until the transaction ends.</summary>
    public Task<UserToken?> LockAsync(Transaction transaction, string userId, CancellationToken ct) => transaction.FindAsync(
        $"select {Columns} from twitch.twitch_tokens where user_id = {userId} for update", Read, ct);

    public async Task<IReadOnlyList<UserToken>> ListAsync(CancellationToken ct) =>
        await db.Write.ListAsync($"select {Columns} from twitch.twitch_tokens order by user_id", Read, ct);

    public Task<int> SaveAsync(Session session, UserToken token, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var access = box.SealText(Place(token.UserId, "access_token"), token.AccessToken);
        var refresh = token.RefreshToken is { } r ? box.SealText(Place(token.UserId, "refresh_token"), r) : null;
        var scope = string.Join(' ', token.Scopes.Order(StringComparer.Ordinal));
        return session.ExecuteAsync(
            $"""
            insert into twitch.twitch_tokens (user_id, access_token, refresh_token, expires_at, scope, created_at, updated_at)
            values ({token.UserId}, {access}, {refresh}, {token.ExpiresAt}, {scope}, {now}, {now})
            on conflict (user_id) do update
            set access_token = excluded.access_token, refresh_token = excluded.refresh_token, expires_at = excluded.expires_at,
                scope = excluded.scope, updated_at = excluded.updated_at
            """,
            ct);
    }

    private UserToken Read(NpgsqlDataReader r)
    {
        var user = r.GetString(0);
        return new UserToken(
            user,
            box.OpenText(Place(user, "access_token"), r.GetString(1)),
            r.IsDBNull(2) ? null : box.OpenText(Place(user, "refresh_token"), r.GetString(2)),
            r.IsDBNull(3) ? DateTimeOffset.MinValue : r.GetFieldValue<DateTimeOffset>(3),
            (r.IsDBNull(4) ? "" : r.GetString(4)).Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal));
    }

    private static SecretPlace Place(string user, string column) => new("twitch.twitch_tokens", user, column);
}
