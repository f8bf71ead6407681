using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch.Auth;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Twitch;

/// <summary>
/// Holds the sockets: one for each account with something to subscribe to in the channels this node claims and a token to do
/// it with, because Twitch lets a socket carry the subscriptions of one account only. The webhooks are one node's.
/// </summary>
internal sealed partial class TwitchGateway(
    Subscriptions subscriptions,
    ReconcileWebhooks webhooks,
    ChannelClaims claims,
    Tokens tokens,
    EventIntake intake,
    Changes changes,
    IOptions<TwitchOptions> options,
    TimeProvider clock,
    ILogger<TwitchGateway> log) : BackgroundService
{
    private readonly Dictionary<string, (Task Task, CancellationTokenSource Stop)> _clients = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsOn)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            var change = changes.Next;
            try
            {
                await claims.OfferAsync(stoppingToken);
                if (options.Value.Transport == EventTransport.WebSocket)
                {
                    await HoldSocketsAsync(stoppingToken);
                }

                if (claims.HoldsWebhooks)
                {
                    await webhooks.RunAsync(stoppingToken);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LookFailed(e.Message, e is StorageUnavailableException ? null : e);
            }

            await Task.WhenAny(change, Task.Delay(options.Value.ReconcileEvery, clock, stoppingToken));
        }

        await Task.WhenAll(_clients.Keys.ToList().Select(owner => EndAsync(owner, CancellationToken.None)));
    }

    private async Task HoldSocketsAsync(CancellationToken ct)
    {
        var owners = new HashSet<string>(StringComparer.Ordinal);
        foreach (var owner in (await subscriptions.WantedAsync(claims.Holds, ct)).Select(w => w.Owner).Distinct(StringComparer.Ordinal))
        {
            if (await tokens.UserAsync(owner, ct) is not null)
            {
                owners.Add(owner);
            }
            else if (owner == options.Value.BotUserId)
            {
                NoBot();
            }
        }

        foreach (var gone in _clients.Keys.Except(owners, StringComparer.Ordinal).ToList())
        {
            await EndAsync(gone, ct);
        }

        foreach (var owner in owners.Where(o => !_clients.TryGetValue(o, out var running) || running.Task.IsCompleted))
        {
            var client = new EventSubClient(
                owner, options.Value, subscriptions, claims, intake, changes, clock, Random.Shared.NextDouble, log);
            var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _clients[owner] = (client.RunAsync(stop.Token), stop);
        }
    }

    private async Task EndAsync(string owner, CancellationToken ct)
    {
        if (_clients.Remove(owner, out var client))
        {
            await client.Stop.CancelAsync();
            await client.Task.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            client.Stop.Dispose();
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The bot has no token that works: log in with its Twitch account at /platforms/twitch/login?as=bot.")]
    private partial void NoBot();

    [LoggerMessage(LogLevel.Warning, "Twitch's sockets are looked after again later: {Reason}")]
    private partial void LookFailed(string reason, Exception? exception);
}
