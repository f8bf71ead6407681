using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Invites;
using Rookery.Modules.LivePosts.Roles;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Commands;

/// <summary>The parts of <c>!live</c> that change whom a place follows and how.</summary>
internal sealed class FollowAnswers(
    Database db, GuildStore guilds, StreamerStore streamers, StreamerLinks links, StreamerRoles roles, InviteStore invites, PlaceChecks places,
    PublicAddress address)
{
    private const int InviteHours = 7 * 24;

    public static string? Login(CommandCall call) =>
        call.Arguments.Count > 1 ? call.Arguments[1].TrimStart('@').ToLowerInvariant() : null;

    public async Task<Reply> AddAsync(CommandCall call, Guild guild, CancellationToken ct)
    {
        if (Login(call) is not { } login || !StreamerLinks.IsLogin(login))
        {
            return Reply.Refuse("Say whom, by the name in the channel's address: !live add twitchdev");
        }

        var channel = call.Entity.Channel.Channel;
        if ((await guilds.ConfigAsync(db.Write, guild, ct)).Version == 0 && await places.ProblemAsync(guild, channel, ct) is { } closed)
        {
            return Reply.Refuse($"Posts would go to this channel, and cannot: {closed}");
        }

        var (outcome, streamer) = await links.AddAsync(guild, login, channel, Actor.Of(call.Member), ct);
        return outcome switch
        {
            LinkOutcome.Linked => Reply.Text($"{streamer!.Name} is followed; posts go to {await WhereAsync(guild, streamer, ct)}."),
            LinkOutcome.Already => Reply.Refuse($"{streamer!.Name} is followed already."),
            LinkOutcome.Full => Reply.Refuse($"This place follows {StreamerStore.MaxOfGuild} streamers, which is the most; remove one."),
            LinkOutcome.Off => Reply.Refuse(links.OffBecause!),
            LinkOutcome.Unknown => Reply.Refuse($"Twitch knows nobody called {login}."),
            _ => Reply.Refuse("Twitch cannot be asked now; try again in a minute."),
        };
    }

    public async Task<Reply> ChangeAsync(CommandCall call, Guild guild, string what, CancellationToken ct)
    {
        if (Login(call) is not { } login || await streamers.FindAsync(guild.GuildId, login, ct) is not { } streamer)
        {
            return Reply.Refuse($"Say which of the streamers in !live list: !live {what} <login>");
        }

        switch (what)
        {
            case "remove":
                await links.RemoveAsync(guild, streamer, Actor.Of(call.Member), ct);
                return Reply.Text($"{streamer.Name} is not followed any more.");
            case "role":
                return await RoleAsync(call, guild, streamer, ct);
            default:
                return await SwitchAsync(call, guild, streamer, what == "on", ct);
        }
    }

    /// <summary>Good for a week and for one streamer; over the API there are others.</summary>
    public async Task<Reply> InviteAsync(CommandCall call, Guild guild, CancellationToken ct)
    {
        var made = await db.TransactionAsync(
            async t =>
            {
                await StreamerLinks.LockAsync(t, guild, ct);
                var invite = await invites.AddAsync(t, guild.GuildId, new InviteRequest(InviteHours, 1), call.Member.Key, ct);
                if (invite is not null)
                {
                    await links.AuditAsync(t, guild, Actor.Of(call.Member), "live.create_invite", null, ct);
                }

                return invite;
            },
            ct);
        return made is null ? Reply.Refuse($"There are {InviteStore.MaxOfGuild} invitations, which is the most; take some back over the API.")
            : address.Of($"live/invite/?code={made.Code}") is { } url ? Reply.Aside($"For one streamer, within a week: {url.AbsoluteUri}")
            : Reply.Aside($"For one streamer, within a week: the code {made.Code}. There is no page for it, because PublicBaseUrl is not set.");
    }

    private async Task<Reply> RoleAsync(CommandCall call, Guild guild, Streamer streamer, CancellationToken ct)
    {
        switch (call.Arguments.Count > 2 ? call.Arguments[2].ToLowerInvariant() : "")
        {
            case "on":
                return await roles.AddAsync(guild, streamer, Actor.Of(call.Member), ct) is { } problem
                    ? Reply.Refuse(problem)
                    : Reply.Text($"Posts about {streamer.Name} mention a role of their own now. Members take it with the bell under a post or with "
                        + $"!live notify {streamer.TwitchLogin}, and drop it with !live mute {streamer.TwitchLogin}.");
            case "off":
                return await roles.RemoveAsync(guild, streamer, Actor.Of(call.Member), ct)
                    ? Reply.Text($"{streamer.Name} has no role any more; posts mention the role of all streamers again.")
                    : Reply.Refuse($"{streamer.Name} has no role of its own here.");
            default:
                return Reply.Refuse($"Say whether: !live role {streamer.TwitchLogin} on, or off.");
        }
    }

    private async Task<Reply> SwitchAsync(CommandCall call, Guild guild, Streamer streamer, bool on, CancellationToken ct)
    {
        await db.TransactionAsync(
            async t =>
            {
                await streamers.EnableAsync(t, guild.GuildId, streamer.Id, on, ct);
                await links.AuditAsync(
                    t, guild, Actor.Of(call.Member), on ? "live.enable_streamer" : "live.disable_streamer", streamer.TwitchLogin, ct);
            },
            ct);
        return Reply.Text(on
            ? $"Streams of {streamer.Name} are posted again."
            : $"Streams of {streamer.Name} are not posted until !live on {streamer.TwitchLogin}.");
    }

    private async Task<string> WhereAsync(Guild guild, Streamer streamer, CancellationToken ct)
    {
        var channel = streamer.ChannelId ?? (await guilds.ConfigAsync(db.Write, guild, ct)).ChannelId;
        return channel.Length > 0 ? channel : "no channel yet";
    }
}
