using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.SignIn;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Preferences;

namespace Rookery.Modules.LivePosts.Streamers;

internal enum LinkOutcome
{
    Linked,
    Already,
    Full,
    Unknown,
    Away,
    Off,
}

/// <summary>Who acts: by an account of a platform, or with a key.</summary>
/// <param name="Key">For the audit log.</param>
/// <param name="UserId">As in <c>users</c>; null for a key.</param>
internal sealed record Actor(string Key, string? UserId = null, string? Name = null)
{
    public static Actor Of(Member member) => new(member.Key, UserIds.Of(member.Platform, member.UserId), member.Name);

    public static Actor Of(Identity person) => new(person.Actor, UserIds.Of(person.Platform, person.UserId), person.Username);
}

/// <summary>Lets guilds follow streamers, and no more.</summary>
internal sealed class StreamerLinks(
    Database db, StreamerStore streamers, GuildStore guilds, PreferenceStore preferences, IStreamDirectory directory, AuditLog audit)
{
    /// <summary>Why nobody can be followed here, and the cure; null: they can.</summary>
    public string? OffBecause => directory.OffBecause is { } why
        ? $"Twitch is not set up here: {why}. To try it without an account: ./run --simulate"
        : null;

    private const int MaxLogin = 25;

    public static bool IsLogin(string? login) =>
        login is { Length: >= 1 and <= MaxLogin } && login.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <param name="channel">Where posts go if the guild has no settings yet.</param>
    public async Task<(LinkOutcome Outcome, Streamer? Streamer)> AddAsync(
        Guild guild, string login, string channel, Actor by, CancellationToken ct)
    {
        if (OffBecause is not null)
        {
            return (LinkOutcome.Off, null);
        }

        if (await directory.FindAsync([login.ToLowerInvariant()], ct) is not { } found)
        {
            return (LinkOutcome.Away, null);
        }

        if (found is not [var who, ..])
        {
            return (LinkOutcome.Unknown, null);
        }

        return await db.TransactionAsync(
            async t =>
            {
                await LockAsync(t, guild, ct);
                return await LinkAsync(t, guild, who, channel, by, ct);
            },
            ct);
    }

    /// <summary>Of two that come for the last place in a guild one waits here.</summary>
    public static Task LockAsync(Transaction t, Guild guild, CancellationToken ct) =>
        t.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended({$"live.guild_streamers:{guild.GuildId}"}, 0))", ct);

    /// <summary>The guild's lock must be held.</summary>
    public async Task<(LinkOutcome Outcome, Streamer? Streamer)> LinkAsync(
        Transaction t, Guild guild, Broadcaster who, string channel, Actor by, CancellationToken ct)
    {
        var id = await streamers.SaveAsync(t, who, ct);
        if (await streamers.FindAsync(t, guild.GuildId, id, ct) is { } known)
        {
            return (LinkOutcome.Already, known);
        }

        if (await streamers.CountAsync(t, guild.GuildId, ct) >= StreamerStore.MaxOfGuild)
        {
            return (LinkOutcome.Full, null);
        }

        if (by.UserId is { } user)
        {
            await streamers.SeeUserAsync(t, user, by.Name ?? user, ct);
        }

        await guilds.BeginAsync(t, guild, channel, ct);
        await streamers.FollowAsync(t, guild.GuildId, id, by.UserId, ct);
        await AuditAsync(t, guild, by, "live.link_streamer", who.Login, ct);
        return (LinkOutcome.Linked, await streamers.FindAsync(t, guild.GuildId, id, ct));
    }

    /// <returns>False when the guild did not follow the streamer.</returns>
    public Task<bool> RemoveAsync(Guild guild, Streamer streamer, Actor by, CancellationToken ct) => db.TransactionAsync(
        async t =>
        {
            var gone = await streamers.UnfollowAsync(t, guild.GuildId, streamer.Id, ct);
            if (gone)
            {
                await preferences.WithoutRoleAsync(t, guild.GuildId, streamer.Id, ct);
                await AuditAsync(t, guild, by, "live.unlink_streamer", streamer.TwitchLogin, ct);
            }

            return gone;
        },
        ct);

    public Task AuditAsync(Session session, Guild guild, Actor by, string action, string? login, CancellationToken ct) => audit.WriteAsync(
        session, guild.CommunityId, by.Key, action, new JsonObject { ["guild_id"] = guild.GuildId, ["twitch_login"] = login }, ct);
}
