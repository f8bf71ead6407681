using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Modules.LivePosts.Guilds;

/// <summary>The bot was let into a server or put out of it.</summary>
internal sealed class NoteServer(Database db, GuildStore guilds) : IReaction
{
    public static ReactionSpec Spec { get; } = new("note_server", ["server_join", "server_leave"]);

    public async ValueTask<Reply> RunAsync(ReactionCall call, CancellationToken ct)
    {
        var channel = call.Event.Channel;
        if (GuildIds.Of(channel) is { } guild)
        {
            if (call.Event.Fact is ServerJoined joined)
            {
                await guilds.SeenAsync(db.Write, channel.Platform, guild, call.Entity.CommunityId, joined.Name, joined.OwnerId, ct);
            }
            else if (call.Event.Fact is ServerLeft)
            {
                await guilds.LeftAsync(guild, ct);
            }
        }

        return Reply.None;
    }
}
