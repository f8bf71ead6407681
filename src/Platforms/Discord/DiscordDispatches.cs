using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Interactions;
using Rookery.Platforms.Discord.SignIn;

namespace Rookery.Platforms.Discord;

/// <summary>
/// Sorts what the gateway tells: what keeps our picture of the servers is taken in at once; talk that is no command goes
/// straight to its lane; everything that may have an effect is stored first.
/// </summary>
internal sealed partial class DiscordDispatches(
    DiscordDecoder decoder, Guilds guilds, GuildChanges changes, RightChanges rights, InteractionIntake interactions, Intake intake,
    IEventTransport transport, Servers servers, TimeProvider clock, ILogger<DiscordDispatches> log) : IDispatches
{
    private const int MostUnderWay = 20_000;

    private readonly ChannelLine _line = new();
    private int _underWay;
    private bool _isAway;

    public async ValueTask TakeAsync(Dispatch dispatch, CancellationToken ct)
    {
        try
        {
            if (!guilds.Note(dispatch.Type, dispatch.Data.Span))
            {
                return;
            }

            while (Volatile.Read(ref _underWay) >= MostUnderWay)
            {
                // What Discord tells faster than we handle it waits in the socket.
                await Task.Delay(TimeSpan.FromMilliseconds(10), clock, ct);
            }

            var handling = Start(dispatch, ct);
            if (!handling.IsCompletedSuccessfully)
            {
                Follow(handling, dispatch.State);
            }
        }
        catch (JsonException e)
        {
            NotUnderstood(e, dispatch.Type);
        }
    }

    /// <summary>What was broken off counts as never ended: a session that is resumed is told it again.</summary>
    private void Follow(Task handling, SessionState? state)
    {
        Interlocked.Increment(ref _underWay);
        var mark = state?.Begin() ?? 0;
        handling.GetAwaiter().OnCompleted(() =>
        {
            Interlocked.Decrement(ref _underWay);
            if (handling.IsCompletedSuccessfully)
            {
                state?.End(mark);
            }
        });
    }

    /// <summary>The task fails only when it is broken off.</summary>
    private Task Start(Dispatch dispatch, CancellationToken ct)
    {
        if (dispatch.Type != EventTypes.MessageCreate)
        {
            var change = RightChanges.Read(dispatch.Type, dispatch.Data.Span);
            var handling = StartRare(dispatch, ct);
            return change is null ? handling : Task.WhenAll(handling, KeepAsync(() => rights.TellAsync(change, ct), dispatch.Type, ct));
        }

        return decoder.Read(dispatch.Type, dispatch.Data.Span, key: "") is { } e ? Start(e, dispatch, ct) : Task.CompletedTask;
    }

    private Task StartRare(Dispatch dispatch, CancellationToken ct)
    {
        switch (dispatch.Type)
        {
            case EventTypes.Interaction:
                return Start(interactions.Read(dispatch.Data.Span, dispatch.Claim), ct);
            case EventTypes.Ready:
                var ready = JsonSerializer.Deserialize(dispatch.Data.Span, DiscordJson.Default.ReadyEvent)!;
                return KeepAsync(() => changes.CompareAsync(ready, dispatch, ct), dispatch.Type, ct);
            case EventTypes.GuildCreate or EventTypes.GuildUpdate or EventTypes.GuildDelete:
                var guild = JsonSerializer.Deserialize(dispatch.Data.Span, DiscordJson.Default.GuildEvent)!;
                return guild.Unavailable ? Task.CompletedTask : _line.EnterAsync(
                    GuildChanges.ChannelOf(guild.Id),
                    () => KeepAsync(() => Apply(guild, dispatch, ct), dispatch.Type, ct));
            case EventTypes.MessageDeleteBulk:
                return Task.WhenAll(Each(dispatch).Select(one => StartRare(one, ct)));
            default:
                return decoder.Read(dispatch.Type, dispatch.Data.Span, dispatch.Key) is { } e
                    ? Start(e, dispatch, ct)
                    : Task.CompletedTask;
        }
    }

    /// <summary>Messages deleted at once, as if one after the other.</summary>
    private static IEnumerable<Dispatch> Each(Dispatch dispatch)
    {
        var deleted = JsonSerializer.Deserialize(dispatch.Data.Span, DiscordJson.Default.BulkDeletedEvent)!;
        return deleted.Ids.Select(id => dispatch with
        {
            Type = EventTypes.MessageDelete,
            Data = JsonSerializer.SerializeToUtf8Bytes(
                new DeletedEvent(id, deleted.ChannelId, deleted.GuildId), DiscordJson.Default.DeletedEvent),
            Part = id,
        });
    }

    private Task Apply(GuildEvent guild, Dispatch dispatch, CancellationToken ct) => dispatch.Type switch
    {
        EventTypes.GuildCreate => changes.CameAsync(guild, dispatch, ct),
        EventTypes.GuildUpdate => changes.ChangedAsync(guild, ct),
        _ => changes.WentAsync(guild.Id, dispatch),
    };

    private Task Start(TakenInteraction taken, CancellationToken ct) =>
        taken.Event.Type == InteractionTypes.Autocomplete
            ? KeepAsync(() => interactions.SuggestAsync(taken, ct), EventTypes.Interaction, ct)
            : _line.StoreAsync(taken.Channel, () => KeepAsync(() => interactions.StoreAsync(taken), EventTypes.Interaction, ct));

    private Task Start(InboundEvent e, Dispatch dispatch, CancellationToken ct)
    {
        servers.Active(e.Channel);
        if (e is { Type: MessageTypes.Chat, Text: [not ('!' or '#'), ..] or "" })
        {
            return dispatch.Claim is { IsHeld: false } ? Task.CompletedTask
                : _line.IsBusy(e.Channel) ? TalkInLineAsync(e, ct)
                : TalkAsync(e, ct);
        }

        return StoreAsync(e, dispatch, ct);
    }

    /// <summary>Apart from talk, which is most of what comes and for which nothing of this need be made.</summary>
    private Task StoreAsync(InboundEvent e, Dispatch dispatch, CancellationToken ct)
    {
        var ids = new JsonIds(e.Channel.Server, e.Channel.Channel, e.UserId);
        var raw = new RawEvent(
            Platform.Discord, e.MessageId!, dispatch.Type, JsonSerializer.Serialize(ids, DiscordJson.Default.JsonIds),
            Encoding.UTF8.GetString(dispatch.Data.Span), clock.GetUtcNow())
        {
            Claim = dispatch.Claim,
        };
        return _line.StoreAsync(e.Channel, () => KeepAsync(() => intake.AcceptAsync(raw), dispatch.Type, ct));
    }

    /// <summary>Behind a command that is being stored: what was said after it is not handled before it.</summary>
    private async Task TalkInLineAsync(InboundEvent e, CancellationToken ct)
    {
        var talk = Task.CompletedTask;
        await _line.EnterAsync(e.Channel, () =>
        {
            talk = TalkAsync(e, ct);
            return Task.CompletedTask;
        });
        await talk;
    }

    /// <summary>Never throws: talk that finds its channel overloaded, or the database away, is gone and counted.</summary>
    private async Task TalkAsync(InboundEvent e, CancellationToken ct)
    {
        try
        {
            await transport.DeliverAsync(e, ct);
            Volatile.Write(ref _isAway, false);
        }
        catch (StorageUnavailableException)
        {
            DiscordMetrics.Lost();
            if (!Interlocked.Exchange(ref _isAway, true))
            {
                Lost();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception error)
        {
            Failed(error, EventTypes.MessageCreate);
        }
    }

    /// <summary>Waits out an outage of the database, as long as the shard is ours.</summary>
    private async Task KeepAsync(Func<Task> keep, string type, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await keep();
                return;
            }
            catch (StorageUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), clock, ct);
            }
            catch (Exception error) when (error is not (OperationCanceledException or ClaimLostException))
            {
                Failed(error, type);
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "A Discord dispatch {Type} could not be read.")]
    private partial void NotUnderstood(Exception exception, string type);

    [LoggerMessage(LogLevel.Warning, "Talk on Discord is not looked at while the database cannot be reached; rookery_discord_lost_lines counts it.")]
    private partial void Lost();

    [LoggerMessage(LogLevel.Error, "A Discord dispatch {Type} failed.")]
    private partial void Failed(Exception exception, string type);
}

/// <summary>What a stored event is about.</summary>
internal sealed record JsonIds(string? ServerId, string ChannelId, string UserId);
