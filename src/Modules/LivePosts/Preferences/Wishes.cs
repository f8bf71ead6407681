using Rookery.Kernel.Data;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Preferences;

/// <summary>Takes in whether somebody wants to be rung for a streamer: in chat, with the button or over the API.</summary>
internal sealed class Wishes(Database db, PreferenceStore store, StreamerStore streamers)
{
    /// <param name="who">With a <see cref="Actor.UserId"/>.</param>
    /// <param name="via">role or dm; null: the streamer's role where there is one, else a direct message.</param>
    /// <returns>What it means, for the person, and whether it was taken in.</returns>
    public async Task<(bool Ok, string Text)> SetAsync(Guild guild, Streamer streamer, Actor who, bool enabled, string? via, CancellationToken ct)
    {
        var hasRole = streamer.RoleId is not null;
        if (enabled && via == "role" && !hasRole)
        {
            return (false, $"{streamer.Name} has no role of its own here; choose dm, or ask for one: !live role {streamer.TwitchLogin} on");
        }

        var way = via ?? (hasRole ? "role" : "dm");
        var done = await db.TransactionAsync(
            async t =>
            {
                await streamers.SeeUserAsync(t, who.UserId!, who.Name ?? who.UserId!, ct);
                return await store.SetAsync(t, who.UserId!, guild.GuildId, streamer.Id, enabled, way, ct);
            },
            ct);
        var later = streamer.RoleProblem is null ? "" : " The bot may not change that role now; it does as soon as it may.";
        return (done, (done, enabled, way) switch
        {
            (false, _, _) => $"{PreferenceStore.MaxDirect} members get direct messages about {streamer.Name}, which is the most; ask for a role: "
                + $"!live role {streamer.TwitchLogin} on",
            (_, true, "role") => $"You get the role that posts about {streamer.Name} mention. !live mute {streamer.TwitchLogin} ends that.{later}",
            (_, true, _) => $"You get a direct message when {streamer.Name} goes live. !live mute {streamer.TwitchLogin} ends that.",
            (_, false, _) when hasRole => $"{streamer.Name} does not ring for you any more.{later}",
            _ => $"You get no direct messages about {streamer.Name}. Posts mention no role of {streamer.Name} alone here.",
        });
    }

    /// <summary>The other way round than it is.</summary>
    public async Task<string> ToggleAsync(Guild guild, Streamer streamer, Actor who, CancellationToken ct)
    {
        var isOn = await store.FindAsync(who.UserId!, guild.GuildId, streamer.Id, ct) == true;
        return (await SetAsync(guild, streamer, who, !isOn, null, ct)).Text;
    }
}
