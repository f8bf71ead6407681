using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Modules.LivePosts.Guilds;

namespace Rookery.Modules.LivePosts.Preferences;

/// <summary>
/// Who leaves a server loses all roles there, gets them again on coming back, and gets no more direct messages about it. On Slack
/// one leaves a channel and not the workspace.
/// </summary>
internal sealed class FollowMembers(Database db, PreferenceStore store) : IReaction
{
    public static ReactionSpec Spec { get; } = new("follow_members", ["member_join", "member_leave"], Parallel: true);

    public async ValueTask<Reply> RunAsync(ReactionCall call, CancellationToken ct)
    {
        if (call.Event.Channel.Platform == Platform.Discord && GuildIds.Of(call.Event.Channel) is { } guild)
        {
            await (call.Event.Fact is MemberLeft
                ? store.LeftAsync(db.Write, guild, call.Member.UserId, ct)
                : store.RenewAsync(db.Write, guild, null, call.Member.UserId, ct));
        }

        return Reply.None;
    }
}
