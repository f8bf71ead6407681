using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Discord;

/// <summary>
/// Servers the bot is let into and put out of. Discord tells of each server whenever a session begins, so only one that is
/// not known is a new one; one that is away for a while is not left.
/// </summary>
internal sealed class GuildChanges(
    Database db, GuildRows rows, Servers servers, Intake intake, IEventTransport transport, DiscordDecoder decoder, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, bool> _left = new(StringComparer.Ordinal);
    private readonly ChannelLine _line = new();

    /// <summary>The channel that stands for a server as a whole.</summary>
    public static ChannelId ChannelOf(string guild) => new(Platform.Discord, guild, guild);

    public async Task CameAsync(GuildEvent guild, Dispatch told, CancellationToken ct)
    {
        if (!await RefreshAsync(guild, ct) || _left.TryRemove(guild.Id, out _))
        {
            var id = guild.JoinedAt is { } joined ? joined.ToString("O", CultureInfo.InvariantCulture) : told.Key;
            await intake.AcceptAsync(Raw(EventTypes.GuildCreate, $"server_join:{guild.Id}:{id}", guild, told));
        }
    }

    public Task ChangedAsync(GuildEvent guild, CancellationToken ct) => RefreshAsync(guild, ct);

    public Task WentAsync(string guild, Dispatch told)
    {
        _left[guild] = true;
        return intake.AcceptAsync(Raw(EventTypes.GuildDelete, $"server_leave:{guild}:{told.Key}", new GuildEvent(guild), told));
    }

    /// <summary>Finds the servers the bot was put out of while it was away.</summary>
    public async Task CompareAsync(ReadyEvent ready, Dispatch told, CancellationToken ct)
    {
        var (shard, shards) = ready.Shard is [var id, var count] ? (id, count) : (0, 1);
        foreach (var gone in await rows.MissingAsync([.. ready.Guilds.Select(g => g.Id)], shard, shards, ct))
        {
            await WentAsync(gone, told);
        }
    }

    /// <summary>Lets a stored change take effect, one of a server after the other.</summary>
    public async ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct)
    {
        var guild = JsonSerializer.Deserialize(e.Data, DiscordJson.Default.GuildEvent)!;
        TimeSpan? wait = null;
        await _line.EnterAsync(ChannelOf(guild.Id), async () => wait = e.EventType == EventTypes.GuildCreate
            ? await JoinAsync(guild, e.EventId, ct)
            : await LeaveAsync(guild, ct));
        return wait;
    }

    private async Task<TimeSpan?> JoinAsync(GuildEvent guild, string id, CancellationToken ct)
    {
        if (await rows.FindAsync(guild.Id, ct) is not null)
        {
            return null;
        }

        // Told before it is noted: after a crash between the two it is told again, and known by its id.
        var wait = await TellAsync(decoder.Joined(guild, id), ct);
        if (wait is null)
        {
            await rows.AddAsync(guild, ct);
            await SeenAsync(guild, ct);
        }

        return wait;
    }

    private async Task<TimeSpan?> LeaveAsync(GuildEvent guild, CancellationToken ct)
    {
        if (await rows.FindAsync(guild.Id, ct) is not { } joined)
        {
            return null;
        }

        var wait = await TellAsync(decoder.Left(guild, $"server_leave:{guild.Id}:{joined}"), ct);
        if (wait is null)
        {
            await servers.GoneAsync(Platform.Discord, guild.Id, null, ct);
            await rows.LeaveAsync(guild.Id, ct);
        }

        return wait;
    }

    private async Task<bool> RefreshAsync(GuildEvent guild, CancellationToken ct)
    {
        var isKnown = await rows.RefreshAsync(guild, ct);
        if (isKnown)
        {
            await SeenAsync(guild, ct);
        }

        return isKnown;
    }

    private Task SeenAsync(GuildEvent guild, CancellationToken ct) => servers.SeenAsync(
        db.Write, Platform.Discord, guild.Id, null, guild.OwnerId, guild.Name is { } name ? new ServerLook(name, guild.Icon) : null, ct);

    private async Task<TimeSpan?> TellAsync(InboundEvent e, CancellationToken ct)
    {
        var routed = await transport.DeliverAsync(e, ct);
        return routed.Outcome == Outcome.Overloaded ? routed.RetryAfter : null;
    }

    private RawEvent Raw(string type, string id, GuildEvent guild, Dispatch told)
    {
        var ids = new JsonIds(guild.Id, guild.Id, guild.OwnerId ?? "");
        return new RawEvent(
            Platform.Discord, id, type, JsonSerializer.Serialize(ids, DiscordJson.Default.JsonIds),
            JsonSerializer.Serialize(guild with { Roles = null }, DiscordJson.Default.GuildEvent), clock.GetUtcNow())
        {
            Claim = told.Claim,
        };
    }
}
