using System.Collections.Concurrent;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Coordination;

/// <summary>What people know a server by.</summary>
/// <param name="Icon">As the platform names the picture; null: it has none.</param>
public sealed record ServerLook(string Name, string? Icon = null);

/// <summary>
/// <c>kernel.servers</c>: where the bot is. A Discord guild or Slack team by its id, without a channel; a Twitch channel by
/// its broadcaster, without a server.
/// </summary>
public sealed class Servers(Database db, TimeProvider clock) : IJob
{
    /// <summary>A server's last activity is written at most so often.</summary>
    public static readonly TimeSpan ActivityEvery = TimeSpan.FromMinutes(1);

    private static readonly long Fine = TimeSpan.FromSeconds(1).Ticks;

    /// <summary>When it was active last, in ticks of UTC.</summary>
    private readonly ConcurrentDictionary<(Platform Platform, string? Server, string? Channel), long> _active = new();

    public TimeSpan Period => ActivityEvery;

    /// <summary>The bot was let in, or is known to be there.</summary>
    /// <param name="owner">Who let it in, or owns the server; null: not known, what was known stays.</param>
    /// <param name="look">Null: not known, what was known stays.</param>
    public Task SeenAsync(
        Session session, Platform platform, string? server, string? channel, string? owner, ServerLook? look, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return session.ExecuteAsync(
            $"""
            insert into kernel.servers as s (owner, platform, channel, server_id, name, icon, created_at, updated_at)
            values ({owner}, {platform.Name()}, {channel}, {server}, {look?.Name}, {look?.Icon}, {now}, {now})
            on conflict (platform, server_id, channel) do update
            set owner = coalesce(excluded.owner, s.owner), name = coalesce(excluded.name, s.name),
                icon = case when excluded.name is null then s.icon else excluded.icon end,
                is_active = true, updated_at = excluded.updated_at
            where not s.is_active or s.owner is distinct from coalesce(excluded.owner, s.owner)
                or (excluded.name is not null and (s.name, s.icon) is distinct from (excluded.name, excluded.icon))
            """,
            ct);
    }

    /// <inheritdoc cref="SeenAsync(Session, Platform, string?, string?, string?, ServerLook?, CancellationToken)"/>
    public Task SeenAsync(Platform platform, string? server, string? channel, string? owner, CancellationToken ct) =>
        SeenAsync(db.Write, platform, server, channel, owner, null, ct);

    /// <summary>The bot was put out.</summary>
    public Task GoneAsync(Session session, Platform platform, string? server, string? channel, CancellationToken ct) =>
        session.ExecuteAsync(
            $"""
            update kernel.servers set is_active = false, updated_at = {clock.GetUtcNow()}
            where platform = {platform.Name()} and server_id is not distinct from {server}::text
              and channel is not distinct from {channel}::text and is_active
            """,
            ct);

    /// <inheritdoc cref="GoneAsync(Session, Platform, string?, string?, CancellationToken)"/>
    public Task GoneAsync(Platform platform, string? server, string? channel, CancellationToken ct) =>
        GoneAsync(db.Write, platform, server, channel, ct);

    /// <summary>Something happened in a channel: its server's row says so within a minute.</summary>
    public void Active(ChannelId channel)
    {
        var key = (channel.Platform, channel.Server, channel.Server is null ? channel.Channel : null);
        var now = clock.GetUtcNow().UtcTicks;
        if (!_active.TryGetValue(key, out var last) || Math.Abs(now - last) >= Fine)
        {
            // Every message comes by here, so what is known to the second is left as it is.
            _active[key] = now;
        }
    }

    /// <summary>Writes what happened since the last time, in one statement.</summary>
    public async ValueTask RunAsync(CancellationToken ct)
    {
        var active = _active.ToArray();
        if (active.Length == 0)
        {
            return;
        }

        await db.Write.ExecuteAsync(
            $"""
            update kernel.servers s set last_activity = greatest(s.last_activity, a.at)
            from unnest({active.Select(a => a.Key.Platform.Name()).ToArray()}, {active.Select(a => a.Key.Server).ToArray()},
                {active.Select(a => a.Key.Channel).ToArray()}, {active.Select(a => new DateTimeOffset(a.Value, TimeSpan.Zero)).ToArray()})
                as a (platform, server_id, channel, at)
            where s.platform = a.platform and s.server_id is not distinct from a.server_id
              and s.channel is not distinct from a.channel
            """,
            ct);
        foreach (var written in active)
        {
            // What happened meanwhile stays for the next time.
            _active.TryRemove(written);
        }
    }
}
