using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Slack;

/// <summary>What lets the bot act in one workspace.</summary>
internal sealed record SlackToken(string Team, string AccessToken)
{
    public string? RefreshToken { get; init; }

    /// <summary>Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public string? Scope { get; init; }

    /// <summary>Of the one who installed, where he lent it: deletes messages of others.</summary>
    public string? UserToken { get; init; }

    public string? AppId { get; init; }

    public string? EnterpriseId { get; init; }

    /// <summary>Slack was asked for a new pair then, and its answer is not stored. Null: nothing is in doubt.</summary>
    public DateTimeOffset? RenewalBeganAt { get; init; }

    /// <summary>Not even an exception shows a token.</summary>
    public override string ToString() => $"token of {Team}";
}

/// <summary>A workspace the bot is in.</summary>
/// <param name="OwnerId">Who installed it.</param>
internal sealed record Workspace(string Team, string Name, string? OwnerId, string? BotUserId, string? AppId);

/// <summary>The tables <c>slack_tokens</c>, sealed, and <c>slack_guilds</c>.</summary>
internal sealed class TokenStore(Database db, SecretBox box, Servers servers, TimeProvider clock)
{
    private const string Owner = "slack.slack_tokens";

    public Task<SlackToken?> FindAsync(string team, CancellationToken ct) => FindAsync(db.Write, team, Sql.Fragment(""), ct);

    /// <summary>Holds the row until the transaction ends, so that one node alone renews a token.</summary>
    public Task<SlackToken?> HoldAsync(Transaction transaction, string team, CancellationToken ct) =>
        FindAsync(transaction, team, Sql.Fragment("for update"), ct);

    public Task<IReadOnlyList<string>> ExpiringAsync(DateTimeOffset before, CancellationToken ct) => db.Write.ListAsync(
        $"""
        select team_id from slack.slack_tokens
        where (expires_at < {before} or renewal_began_at is not null) and refresh_token is not null order by expires_at
        """,
        r => r.GetString(0),
        ct);

    /// <summary>Notes that Slack is about to be asked; in a transaction of its own, before it is.</summary>
    /// <returns>False when it was begun before, and nobody knows how it ended.</returns>
    public async Task<bool> BeginRenewalAsync(string team, CancellationToken ct) => await db.Write.ExecuteAsync(
        $"""
        update slack.slack_tokens set renewal_began_at = {clock.GetUtcNow()} where team_id = {team} and renewal_began_at is null
        """,
        ct) == 1;

    /// <summary>Notes that Slack was asked and gave nothing, or need not be asked any more.</summary>
    /// <param name="error">Why it never will; null: there is nothing to mend.</param>
    public Task EndRenewalAsync(Session session, string team, string? error, CancellationToken ct) => session.ExecuteAsync(
        $"""
        update slack.slack_tokens
        set renewal_began_at = null, renewal_error = coalesce({error}::text, renewal_error) where team_id = {team}
        """,
        ct);

    /// <summary>Workspaces whose tokens cannot be renewed without a person, and why.</summary>
    public Task<IReadOnlyList<(string Team, string Error)>> LostAsync(CancellationToken ct) => db.Write.ListAsync(
        $"select team_id, renewal_error from slack.slack_tokens where renewal_error is not null order by team_id",
        r => (r.GetString(0), r.GetString(1)),
        ct);

    public Task SaveAsync(Session session, SlackToken token, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return session.ExecuteAsync(
            $"""
            insert into slack.slack_tokens (team_id, access_token, refresh_token, expires_at, token_type, scope, user_token,
                app_id, enterprise_id, created_at, updated_at)
            values ({token.Team}, {Seal(token.Team, "access_token", token.AccessToken)},
                {Seal(token.Team, "refresh_token", token.RefreshToken)}, {token.ExpiresAt}, 'bot', {token.Scope},
                {Seal(token.Team, "user_token", token.UserToken)}, {token.AppId}, {token.EnterpriseId}, {now}, {now})
            on conflict (team_id) do update
            set access_token = excluded.access_token, refresh_token = excluded.refresh_token,
                expires_at = excluded.expires_at, scope = excluded.scope, user_token = excluded.user_token,
                app_id = excluded.app_id, enterprise_id = excluded.enterprise_id, updated_at = excluded.updated_at,
                renewal_began_at = null, renewal_error = null
            """,
            ct);
    }

    /// <summary>Notes that the bot is in a workspace.</summary>
    public async Task EnterAsync(Session session, Workspace workspace, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var config = new JsonObject { ["bot_user_id"] = workspace.BotUserId, ["app_id"] = workspace.AppId }.ToJsonString();
        await session.ExecuteAsync(
            $"""
            insert into slack.slack_guilds as g (guild_id, name, owner_id, config, is_active, created_at, updated_at)
            values ({workspace.Team}, {workspace.Name}, {workspace.OwnerId}, {config}::jsonb, true, {now}, {now})
            on conflict (guild_id) do update
            set name = excluded.name, owner_id = coalesce(excluded.owner_id, g.owner_id),
                config = g.config || excluded.config, is_active = true, updated_at = excluded.updated_at
            """,
            ct);
        var owner = workspace.OwnerId is { } id ? $"{Platform.Slack.Name()}:{id}" : null;
        await servers.SeenAsync(session, Platform.Slack, workspace.Team, null, owner, new ServerLook(workspace.Name), ct);
    }

    /// <summary>
    /// Forgets the tokens of a workspace that put the bot out, unless it was let in again since; what belongs to its
    /// community stays.
    /// </summary>
    /// <returns>False when it was let in again.</returns>
    public Task<bool> LeaveAsync(string team, DateTimeOffset at, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var gone = await transaction.ExecuteAsync(
                $"""
                with gone as (delete from slack.slack_tokens where team_id = {team} and updated_at <= {at})
                update slack.slack_guilds set is_active = false, updated_at = {clock.GetUtcNow()}
                where guild_id = {team}
                  and not exists (select from slack.slack_tokens where team_id = {team} and updated_at > {at})
                """,
                ct) == 1;
            if (gone)
            {
                await servers.GoneAsync(transaction, Platform.Slack, team, null, ct);
            }

            return gone;
        },
        ct);

    private Task<SlackToken?> FindAsync(Session session, string team, SqlFragment hold, CancellationToken ct) => session.FindAsync(
        $"""
        select team_id, access_token, refresh_token, expires_at, scope, user_token, app_id, enterprise_id, renewal_began_at
        from slack.slack_tokens where team_id = {team} {hold}
        """,
        Read,
        ct);

    private SlackToken Read(NpgsqlDataReader r)
    {
        var team = r.GetString(0);
        return new SlackToken(team, Open(team, "access_token", r.GetString(1))!)
        {
            RefreshToken = Open(team, "refresh_token", Nullable(r, 2)),
            ExpiresAt = r.IsDBNull(3) ? null : r.GetFieldValue<DateTimeOffset>(3),
            Scope = Nullable(r, 4),
            UserToken = Open(team, "user_token", Nullable(r, 5)),
            AppId = Nullable(r, 6),
            EnterpriseId = Nullable(r, 7),
            RenewalBeganAt = r.IsDBNull(8) ? null : r.GetFieldValue<DateTimeOffset>(8),
        };
    }

    private static string? Nullable(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);

    private string? Seal(string team, string column, string? secret) =>
        secret is null ? null : box.SealText(new SecretPlace(Owner, team, column), secret);

    private string? Open(string team, string column, string? text) =>
        text is null ? null : box.OpenText(new SecretPlace(Owner, team, column), text);
}
