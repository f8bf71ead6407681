using System.Globalization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.SignIn;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Guilds;

/// <summary>
/// Tells those who administer a guild, by a direct message and at most once a day, that its posts fail and why: its owner,
/// whoever saved its settings last and who added the streamers, as far as they administer it today.
/// </summary>
internal sealed class TellAdmins(
    Database db, Outbox outbox, GuildStore guilds, PlaceChecks places, IEnumerable<IServerAdmins> admins, TimeProvider clock) : IJob
{
    private const int AtOnce = 100;
    private const int MostPeople = 5;
    private const int MaxReason = 300;
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    private readonly Dictionary<Platform, IServerAdmins> _admins = admins.ToDictionary(a => a.Platform);

    public TimeSpan Period => TimeSpan.FromSeconds(5);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        foreach (var trouble in await TroublesAsync(ct))
        {
            if (await PeopleAsync(trouble, ct) is not { } people)
            {
                continue;
            }

            var known = await ExplainedAsync(trouble, ct);
            await db.TransactionAsync(t => TellAsync(t, known, people, ct), ct);
        }
    }

    /// <summary>Guilds in which something fails and that were told nothing of it for a day.</summary>
    private Task<IReadOnlyList<Trouble>> TroublesAsync(CancellationToken ct)
    {
        var since = clock.GetUtcNow() - Every;
        return db.Write.ListAsync(
            $"""
            with troubled as (
                select guild_id from live.guild_config where paused_reason is not null
                union select guild_id from live.notification_log where status = 'failed' and sent_at > {since}
                union select guild_id from live.guild_streamers where role_problem is not null)
            select g.guild_id, g.name, g.platform, g.community_id, coalesce(g.owner_id, ''), coalesce(c.updated_by, ''), c.paused_reason,
                failed.count, failed.reason, role.problem,
                array(select distinct gs.added_by from live.guild_streamers gs where gs.guild_id = g.guild_id and gs.added_by is not null)
            from troubled
                join live.guild_config c on c.guild_id = troubled.guild_id
                join live.guilds g on g.guild_id = c.guild_id
                cross join lateral (
                    select count(*) as count, (array_agg(l.reason order by l.id desc))[1] as reason from live.notification_log l
                    where l.guild_id = g.guild_id and l.status = 'failed' and l.sent_at > greatest({since}, c.told_at)) failed
                cross join lateral (
                    select min(gs.role_problem) as problem from live.guild_streamers gs where gs.guild_id = g.guild_id) role
            where g.left_at is null and c.enabled and (c.told_at is null or c.told_at <= {since})
              and (c.paused_reason is not null or failed.count > 0 or role.problem is not null)
            order by g.guild_id limit {AtOnce}
            """,
            r => new Trouble(
                r.GetString(0), r.GetString(1), Platforms.Parse(r.GetString(2)), r.GetInt64(3), r.GetString(4), r.GetString(5),
                r.IsDBNull(6) ? null : r.GetString(6), r.GetInt64(7), r.IsDBNull(8) ? null : r.GetString(8),
                r.IsDBNull(9) ? null : r.GetString(9), r.GetFieldValue<string[]>(10)),
            ct);
    }

    /// <summary>
    /// A platform that refuses a post does not say which permission is missing. It is looked up, and kept for whoever looks at
    /// the settings.
    /// </summary>
    private async Task<Trouble> ExplainedAsync(Trouble trouble, CancellationToken ct)
    {
        if (trouble.PausedReason is null || await guilds.FindAsync(trouble.GuildId, trouble.CommunityId, ct) is not { } guild)
        {
            return trouble;
        }

        var channel = (await guilds.ConfigAsync(guild, ct)).ChannelId;
        if (await places.ProblemAsync(guild, channel, ct) is not { } problem)
        {
            return trouble;
        }

        var reason = $"Nothing can be posted in the channel {channel}: {problem}";
        await db.Write.ExecuteAsync(
            $"""
            update live.guild_config set paused_reason = {reason}
            where guild_id = {guild.GuildId} and paused_reason = {trouble.PausedReason}
            """,
            ct);
        return trouble with { PausedReason = reason };
    }

    /// <summary>The platform is asked of each whether they administer the guild today; an owner may be none any more.</summary>
    /// <returns>Null when the platform does not tell now.</returns>
    private async Task<IReadOnlyList<string>?> PeopleAsync(Trouble trouble, CancellationToken ct)
    {
        var prefix = $"{trouble.Platform.Name()}:";
        var candidates = trouble.AddedBy.Select(UserIds.Bare)
            .Prepend(trouble.UpdatedBy.StartsWith(prefix, StringComparison.Ordinal) ? trouble.UpdatedBy[prefix.Length..] : "")
            .Prepend(trouble.OwnerId)
            .Where(p => p.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (!_admins.TryGetValue(trouble.Platform, out var platform))
        {
            return [.. candidates.Take(MostPeople)];
        }

        var people = new List<string>();
        var isUntold = false;
        foreach (var person in candidates.TakeWhile(_ => people.Count < MostPeople))
        {
            var right = await platform.FindAsync(trouble.GuildId, person, ct);
            isUntold |= right is null;
            if (right is { Standing: Standing.Admin })
            {
                people.Add(person);
            }
        }

        return isUntold && people.Count == 0 ? null : people;
    }

    private async Task TellAsync(Transaction t, Trouble trouble, IReadOnlyList<string> people, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var isFirst = await t.ExecuteAsync(
            $"""
            update live.guild_config set told_at = {now}
            where guild_id = {trouble.GuildId} and (told_at is null or told_at <= {now - Every})
            """,
            ct) == 1;
        if (isFirst && people.Count > 0)
        {
            await outbox.AddAsync(t, [.. people.Select(p => Item(trouble, p, now))], ct);
        }
    }

    private static OutboxItem Item(Trouble trouble, string person, DateTimeOffset now)
    {
        var response = new ModuleResponse("live_posts", true, "chat", ChatMessage: Text(trouble));
        return new OutboxItem(
            string.Create(CultureInfo.InvariantCulture, $"live:told:{trouble.GuildId}:{now.UtcTicks}:{person}"),
            trouble.Platform.Name(),
            trouble.CommunityId,
            $"{trouble.Platform.Name()}:member:{person}",
            new SendDirectMessage(trouble.Platform, trouble.Platform == Platform.Slack ? trouble.GuildId : null, person, response));
    }

    private static string Text(Trouble trouble)
    {
        var lines = new List<string> { $"Live posts of {trouble.Name} need you." };
        if (trouble.PausedReason is { } paused)
        {
            lines.Add($"They are paused: {Cut(paused)} Mend that, then: !live resume");
        }

        if (trouble.Failed > 0)
        {
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{trouble.Failed} {(trouble.Failed == 1 ? "post" : "posts")} failed, the last because: {Cut(trouble.Reason ?? "unknown")}"));
        }

        if (trouble.RoleProblem is { } role)
        {
            lines.Add($"A member could not be given a streamer's role: {Cut(role)}");
        }

        lines.Add("!live status in the server shows more.");
        return string.Join('\n', lines);
    }

    private static string Cut(string text) => PostLimits.Cut(text, MaxReason);

    private sealed record Trouble(
        string GuildId, string Name, Platform Platform, long CommunityId, string OwnerId, string UpdatedBy, string? PausedReason, long Failed,
        string? Reason, string? RoleProblem, string[] AddedBy);
}
