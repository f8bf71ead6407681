using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Discord;

/// <summary>
/// Sorts what the gateway tells: what keeps our picture of the servers is taken in at once; talk that is no command goes
/// straight to its lane; everything that may have an effect is stored first.
/// </summary>
internal sealed partial class DiscordDispatches(
    DiscordDecoder decoder, Guilds guilds, Intake intake, IEventTransport transport, TimeProvider clock,
    ILogger<DiscordDispatches> log) : IDispatches
{
    private const int MostUnderWay = 20_000;

    private int _underWay;

    public async ValueTask TakeAsync(Dispatch dispatch, CancellationToken ct)
    {
        try
        {
            if (guilds.Note(dispatch.Type, dispatch.Data.Span))
            {
                await RouteAsync(dispatch, ct);
            }
        }
        catch (JsonException e)
        {
            NotUnderstood(e, dispatch.Type);
        }
    }

    private async ValueTask RouteAsync(Dispatch dispatch, CancellationToken ct)
    {
        if (decoder.Read(dispatch.Type, dispatch.Data.Span, dispatch.Key) is not { } e)
        {
            return;
        }

        while (Volatile.Read(ref _underWay) >= MostUnderWay)
        {
            // What Discord tells faster than we handle it waits in the socket.
            await Task.Delay(TimeSpan.FromMilliseconds(10), clock, ct);
        }

        var handling = e is { Type: MessageTypes.Chat, Text: [not ('!' or '#'), ..] or "" }
            ? TalkAsync(e, ct)
            : StoreAsync(e, dispatch.Type, Encoding.UTF8.GetString(dispatch.Data.Span), ct);
        if (!handling.IsCompletedSuccessfully)
        {
            Interlocked.Increment(ref _underWay);
            handling.GetAwaiter().OnCompleted(() => Interlocked.Decrement(ref _underWay));
        }
    }

    /// <summary>Never throws: talk that finds its channel overloaded, or the database away, is gone and counted.</summary>
    private async Task TalkAsync(InboundEvent e, CancellationToken ct)
    {
        try
        {
            await transport.DeliverAsync(e, ct);
        }
        catch (StorageUnavailableException)
        {
            Lost(e.Channel);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception error)
        {
            Failed(error, e.Channel);
        }
    }

    private async Task StoreAsync(InboundEvent e, string type, string data, CancellationToken ct)
    {
        var ids = new JsonIds(e.Channel.Server, e.Channel.Channel, e.UserId);
        var raw = new RawEvent(
            Platform.Discord, e.MessageId!, type, JsonSerializer.Serialize(ids, DiscordJson.Default.JsonIds), data, clock.GetUtcNow());
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await intake.AcceptAsync(raw);
                return;
            }
            catch (StorageUnavailableException) when (attempt < 60)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), clock, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Failed(error, e.Channel);
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "A Discord dispatch {Type} could not be read.")]
    private partial void NotUnderstood(Exception exception, string type);

    [LoggerMessage(LogLevel.Warning, "A line in {Channel} was not looked at: the database cannot be reached.")]
    private partial void Lost(ChannelId channel);

    [LoggerMessage(LogLevel.Error, "An event in {Channel} failed.")]
    private partial void Failed(Exception exception, ChannelId channel);
}

/// <summary>What a stored event is about.</summary>
internal sealed record JsonIds(string? GuildId, string ChannelId, string UserId);
