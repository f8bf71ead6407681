using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Posting;

namespace Rookery.Modules.LivePosts.Streamers;

/// <summary>Says whom to watch, takes in what is told of them and of their subscriptions.</summary>
internal sealed class StreamWatch(Database db, BroadcastStore broadcasts, Outbox outbox, TimeProvider clock) : IStreamWatch
{
    private static readonly string[] Final = ["authorization_revoked", "user_removed", "version_removed"];

    public Task<IReadOnlyList<string>> BroadcastersAsync(CancellationToken ct) => db.Write.ListAsync(
        $"""
        select s.twitch_broadcaster_id from live.streamers s
        where exists (
            select from live.guild_streamers gs join live.guilds g on g.guild_id = gs.guild_id
            where gs.streamer_id = s.id and g.left_at is null and g.archived_at is null)
        """,
        r => r.GetString(0),
        ct);

    public async ValueTask HandleAsync(InboundEvent e, CancellationToken ct)
    {
        switch (e.Fact)
        {
            case StreamStarted started:
                await broadcasts.BeginAsync(e.Channel.Channel, started.StreamId, started.StartedAt, ct);
                break;
            case StreamEnded:
                await broadcasts.EndAsync(e.Channel.Channel, e.OccurredAt, ct);
                break;
            case ChannelUpdated change:
                await broadcasts.ChangeAsync(e.Channel.Channel, change.Title, change.Category, ct);
                break;
        }
    }

    public async Task ToldAsync(IReadOnlyList<StreamSubscription> subscriptions, CancellationToken ct)
    {
        foreach (var subscription in subscriptions)
        {
            await db.TransactionAsync(
                async transaction =>
                {
                    if (await NoteAsync(transaction, subscription, ct) && subscription is { Type: "stream.online", Id: { } id }
                        && Final.Contains(subscription.Status, StringComparer.Ordinal))
                    {
                        await TellGuildsAsync(transaction, id, subscription, ct);
                    }
                },
                ct);
        }
    }

    /// <summary>A subscription that is made sure of is not pending again, in whichever order that is told.</summary>
    /// <returns>False when nobody follows the streamer, or nothing is new.</returns>
    private async Task<bool> NoteAsync(Session session, StreamSubscription s, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var id = s.Id ?? $"refused:{s.BroadcasterId}:{s.Type}";
        return await session.ExecuteAsync(
            $"""
            insert into live.eventsub_subscriptions as e (streamer_id, subscription_id, status, created_at, last_verified, type, reason)
            select id, {id}, {s.Status}, {now}, {now}, {s.Type}, {s.Reason} from live.streamers where twitch_broadcaster_id = {s.BroadcasterId}
            on conflict (streamer_id, type) do update
            set subscription_id = excluded.subscription_id, status = excluded.status, reason = excluded.reason,
                last_verified = excluded.last_verified,
                created_at = case when e.subscription_id = excluded.subscription_id then e.created_at else excluded.created_at end
            where not (e.subscription_id = excluded.subscription_id and e.status = 'enabled' and excluded.status like '%pending')
            """,
            ct) == 1;
    }

    private async Task TellGuildsAsync(Session session, string id, StreamSubscription s, CancellationToken ct)
    {
        var guilds = await session.ListAsync(
            $"""
            select g.guild_id, g.platform, g.community_id, coalesce(gs.channel_id, c.channel_id), coalesce(st.twitch_display_name, st.twitch_login)
            from live.streamers st
                join live.guild_streamers gs on gs.streamer_id = st.id
                join live.guilds g on g.guild_id = gs.guild_id
                join live.guild_config c on c.guild_id = gs.guild_id
            where st.twitch_broadcaster_id = {s.BroadcasterId} and gs.enabled and c.enabled and g.left_at is null
              and coalesce(gs.channel_id, c.channel_id) <> ''
            """,
            r => (Guild: r.GetString(0), Platform: Platforms.Parse(r.GetString(1)), Community: r.GetInt64(2), Channel: r.GetString(3),
                Name: r.GetString(4)),
            ct);
        await outbox.AddAsync(
            session,
            [
                .. guilds.Select(g => new { Channel = GuildIds.Channel(g.Platform, g.Guild, g.Channel), Row = g }).Select(g => new OutboxItem(
                    $"live:revoked:{id}:{g.Row.Guild}",
                    g.Row.Platform.Name(),
                    g.Row.Community,
                    g.Channel.ToString(),
                    new SendMessage(g.Channel, new ModuleResponse("live_posts", true, "chat", ChatMessage: Text(g.Row.Name, s.Status))))),
            ],
            ct);
    }

    private static string Text(string name, string status) =>
        $"Twitch stopped telling when {name} goes live ({status}). Until that is mended nothing is posted; see /live status.";
}
