using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Discord;

/// <summary>
/// Tells, once a minute, who spent it in voice. A minute is one of the clock's and is told of those who were there all of
/// it; its id is the same on every node, so it counts once whoever tells it, and again.
/// </summary>
internal sealed partial class VoiceMinutes(
    Guilds guilds, IEventTransport transport, IOptions<DiscordOptions> options, TimeProvider clock, ILogger<VoiceMinutes> log)
    : BackgroundService
{
    private const int GuildsAtOnce = 16;
    private const int Attempts = 10;

    /// <summary>Minutes that are made up for after a stall.</summary>
    private const int MostMissed = 5;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private long? _told;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsOn)
        {
            return;
        }

        using var timer = new PeriodicTimer(Look, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TellAsync(stoppingToken);
        }
    }

    /// <summary>Tells the minutes that are over and not told yet.</summary>
    internal async Task TellAsync(CancellationToken ct)
    {
        var over = clock.GetUtcNow().Ticks / Minute.Ticks;
        for (var minute = Math.Max(_told + 1 ?? over, over - MostMissed); minute <= over; minute++)
        {
            await TellAsync(minute, ct);
            _told = minute;
        }
    }

    /// <param name="minute">Its end, in minutes since the beginning of the calendar.</param>
    private Task TellAsync(long minute, CancellationToken ct)
    {
        var end = new DateTimeOffset(minute * Minute.Ticks, TimeSpan.Zero);
        return Parallel.ForEachAsync(
            guilds.InVoice(),
            new ParallelOptions { MaxDegreeOfParallelism = GuildsAtOnce, CancellationToken = ct },
            async (there, token) =>
            {
                foreach (var person in there.People.Where(p => p.Since <= end - Minute))
                {
                    await TellAsync(Spent(there.Guild, person, minute, end), token);
                }
            });
    }

    private async Task TellAsync(InboundEvent spent, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var wait = TimeSpan.FromSeconds(1);
            try
            {
                var routed = await transport.DeliverAsync(spent, ct);
                if (routed.Outcome != Outcome.Overloaded)
                {
                    return;
                }

                wait = routed.RetryAfter;
            }
            catch (StorageUnavailableException)
            {
                // Told again below.
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                Failed(error, spent.Channel);
                return;
            }

            await Task.Delay(wait, clock, ct);
        }

        Lost(spent.Channel);
    }

    private static InboundEvent Spent(string guild, InVoice person, long minute, DateTimeOffset end) => new()
    {
        Channel = new ChannelId(Platform.Discord, guild, guild),
        Type = "voice_time",
        UserId = person.UserId,
        UserName = person.UserName,
        MessageId = $"voice:{guild}:{person.UserId}:{minute.ToString(CultureInfo.InvariantCulture)}",
        Fact = new VoiceSpent(person.Channel, 1),
        OccurredAt = end,
        ReplyPath = ReplyPath.Sender,
    };

    [LoggerMessage(LogLevel.Error, "A minute in voice in {Channel} failed.")]
    private partial void Failed(Exception exception, ChannelId channel);

    [LoggerMessage(LogLevel.Warning, "A minute in voice in {Channel} was not counted: the database cannot be reached.")]
    private partial void Lost(ChannelId channel);
}
