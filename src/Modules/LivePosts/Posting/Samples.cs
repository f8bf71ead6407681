using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>Sends a post as it would look, marked, and ringing nobody, and says what became of it.</summary>
internal sealed class Samples(Database db, GuildStore guilds, Outbox outbox, TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>A sample is mostly sent within one second; whoever asked is not kept longer than this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <returns>Null when no channel is chosen.</returns>
    public async Task<Sample?> SendAsync(Guild guild, Streamer? streamer, CancellationToken ct)
    {
        var config = await guilds.ConfigAsync(guild, ct);
        var channel = streamer?.ChannelId ?? config.ChannelId;
        if (channel.Length == 0)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var facts = StreamFacts.Sample(now, PostMessage.Mention(guild.Platform, config.MentionRoleId)) with
        {
            Login = streamer?.TwitchLogin ?? "streamer",
            DisplayName = streamer?.Name ?? "Streamer",
            AvatarUrl = streamer?.TwitchAvatarUrl,
            Title = "This is a sample",
            Game = "Chess",
            Viewers = 42,
        };
        var writer = new PostWriter(clock);
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(config.TimeZone) ?? DateTimeZone.Utc;
        var post = writer.Write(writer.Parse(config.MessageTemplate.GetRawText()), streamer?.CustomContent, facts, zone);
        var marked = post with { Content = PostLimits.Cut($"[sample] {post.Content}", PostLimits.Content) };
        var place = GuildIds.Channel(guild.Platform, guild.GuildId, channel);
        var action = new SendMessage(place, PostMessage.Of(guild.Platform, marked));
        var key = $"live:sample:{Guid.CreateVersion7(now):N}";
        await outbox.AddAsync(db.Write, key, guild.Platform.Name(), guild.CommunityId, place.ToString(), action, ct);
        return await OutcomeAsync(channel, key, ct);
    }

    private async Task<Sample> OutcomeAsync(string channel, string key, CancellationToken ct)
    {
        var sample = new Sample(channel, "pending", null);
        for (var waited = TimeSpan.Zero; sample.Status == "pending" && waited < Patience; waited += Look)
        {
            await Task.Delay(Look, ct);
            sample = await db.Write.FindAsync(
                $"select status, last_error from kernel.outbox where idempotency_key = {key}",
                r => new Sample(channel, r.GetString(0), r.IsDBNull(1) ? null : r.GetString(1)),
                ct) ?? sample;
        }

        return sample;
    }
}

/// <summary>What became of a sample post.</summary>
/// <param name="ChannelId">Where it goes.</param>
/// <param name="Status"><c>sent</c>, <c>failed</c>, or <c>pending</c>: not yet known after three seconds.</param>
/// <param name="Reason">Why it failed, or why it was not sent yet.</param>
internal sealed record Sample(string ChannelId, string Status, string? Reason);
