using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.SignIn;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Invites;

internal enum TakeOutcome
{
    Taken,
    Unknown,
    Over,

    /// <summary>The guild follows as many streamers as it may.</summary>
    Full,

    /// <summary>Twitch does not tell now who the streamer is.</summary>
    Away,
}

/// <summary>
/// Lets somebody who has proven that a channel is theirs have it followed by the guild that gave them the code. It gives no
/// right in the guild and takes none; a channel that comes again while it is followed uses nothing up.
/// </summary>
internal sealed class TakeInvite(
    Database db, InviteStore invites, GuildStore guilds, StreamerStore streamers, StreamerLinks links, IStreamDirectory directory)
{
    /// <param name="channel">The account of Twitch that was proven.</param>
    /// <param name="person">As who they act: their account of Discord where they have signed in with it too.</param>
    public async Task<(TakeOutcome Outcome, Accepted? Accepted)> RunAsync(
        string code, Identity channel, Identity person, CancellationToken ct)
    {
        if (await invites.FindAsync(db.Write, code, ct) is not { } invite
            || await guilds.FindAsync(invite.GuildId, null, ct) is not { } guild)
        {
            return (TakeOutcome.Unknown, null);
        }

        if (await directory.FindByIdAsync([channel.UserId], ct) is not [var who, ..])
        {
            return (TakeOutcome.Away, null);
        }

        var taken = await db.TransactionAsync(t => TakeAsync(t, invite, guild, who, Actor.Of(person), ct), ct);
        return (taken.Outcome, taken.Streamer is { } streamer
            ? new Accepted(guild.GuildId, guild.Name, streamer.Id, streamer.TwitchLogin)
            : null);
    }

    private async Task<(TakeOutcome Outcome, Streamer? Streamer)> TakeAsync(
        Transaction t, Invite invite, Guild guild, Broadcaster who, Actor by, CancellationToken ct)
    {
        await StreamerLinks.LockAsync(t, guild, ct);
        if (await streamers.IsFullAsync(t, guild.GuildId, who.Id, ct))
        {
            return (TakeOutcome.Full, null);
        }

        if (!await invites.UseAsync(t, invite, who.Id, ct))
        {
            return (TakeOutcome.Over, null);
        }

        var (_, streamer) = await links.LinkAsync(t, guild, who, "", by, ct);
        await invites.NoteAsync(t, invite, streamer!.Id, by, ct);
        return (TakeOutcome.Taken, streamer);
    }
}
