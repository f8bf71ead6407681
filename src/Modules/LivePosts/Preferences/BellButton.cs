using Rookery.Kernel.Chat;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Preferences;

/// <summary>
/// The button under posts with which members choose whether it rings for them. All it needs stands in it, so it works under
/// posts of before a restart too.
/// </summary>
internal sealed class BellButton(GuildStore guilds, StreamerStore streamers, Wishes wishes) : IReaction
{
    private const string Prefix = "live_posts:bell:";

    public static ReactionSpec Spec { get; } = new("bell", ["button_click"]);

    public static Component Of(Guid streamer) => new("button", CustomId: $"{Prefix}{streamer:N}", Label: "🔔 Ring for me, or not", Style: "secondary");

    public async ValueTask<Reply> RunAsync(ReactionCall call, CancellationToken ct)
    {
        if (call.Event.Fact is not Interacted pressed || !pressed.CustomId.StartsWith(Prefix, StringComparison.Ordinal)
            || !Guid.TryParseExact(pressed.CustomId[Prefix.Length..], "N", out var id))
        {
            return Reply.None;
        }

        return GuildIds.Of(call.Event.Channel) is { } guildId
            && await guilds.FindAsync(guildId, call.Entity.CommunityId, ct) is { } guild
            && await streamers.FindAsync(guild.GuildId, id, ct) is { } streamer
            ? Reply.Aside(await wishes.ToggleAsync(guild, streamer, Actor.Of(call.Member), ct))
            : Reply.Refuse("This server does not follow that streamer any more.");
    }
}
