using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>Runs the shards of the bot, when there is one.</summary>
internal sealed partial class DiscordGateway(
    IOptions<DiscordOptions> options, DiscordRest rest, DiscordDispatches dispatches, TimeProvider clock,
    ILogger<DiscordGateway> log, ILoggerFactory logs) : BackgroundService
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsOn)
        {
            return;
        }

        try
        {
            var bot = await AskAsync(stoppingToken);
            var limit = new IdentifyLimit(bot.SessionStartLimit, clock);
            var count = options.Value.Shards ?? bot.Shards;
            var gateway = options.Value.GatewayUrl ?? bot.Url;
            await Task.WhenAll(Enumerable.Range(0, count).Select(id => new Shard(
                id, count, options.Value, limit, dispatches, clock, Random.Shared.NextDouble, logs.CreateLogger<Shard>())
                .RunAsync(gateway, stoppingToken)));
        }
        catch (GatewayRefusedException e)
        {
            Refused(e.Message);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task<GatewayBot> AskAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await rest.GatewayAsync(ct);
            }
            catch (DiscordException e) when (e.Status == 401)
            {
                throw new GatewayRefusedException(CloseCodes.Cure(4004, Intents.Default)!);
            }
            catch (DiscordException e)
            {
                NotReached(e.Message, AskAgain.TotalSeconds);
                await Task.Delay(AskAgain, clock, ct);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Discord is off: {Cure}")]
    private partial void Refused(string cure);

    [LoggerMessage(LogLevel.Warning, "Discord cannot be reached ({Why}); it is tried again in {Seconds} s.")]
    private partial void NotReached(string why, double seconds);
}
