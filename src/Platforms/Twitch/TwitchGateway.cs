using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch.Auth;
using Rookery.Platforms.Twitch.EventSub;
using Rookery.Platforms.Twitch.Irc;

namespace Rookery.Platforms.Twitch;

/// <summary>
/// Holds the sockets: for each account with something to subscribe to in the channels this node claims and a token to do it
/// with, because Twitch lets a socket carry the subscriptions of one account only, and not too many; and that of the chat,
/// where that comes over IRC. The webhooks are one node's.
/// </summary>
internal sealed partial class TwitchGateway(
    Subscriptions subscriptions,
    ReconcileWebhooks webhooks,
    ChannelClaims claims,
    Tokens tokens,
    EventIntake intake,
    IrcClient irc,
    Changes changes,
    IOptions<TwitchOptions> options,
    TimeProvider clock,
    ILogger<TwitchGateway> log) : BackgroundService
{
    private readonly Dictionary<(string Owner, int Number), (Task Task, CancellationTokenSource Stop)> _clients = [];
    private readonly Dictionary<string, SocketShares> _shares = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _left = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsOn)
        {
            return;
        }

        var chat = options.Value.ChatTransport == ChatTransport.Irc ? irc.RunAsync(stoppingToken) : Task.CompletedTask;
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

        await Task.WhenAll(_clients.Keys.ToList().Select(client => EndAsync(client, CancellationToken.None)).Append(chat));
    }

    private async Task HoldSocketsAsync(CancellationToken ct)
    {
        var should = new HashSet<(string, int)>();
        foreach (var own in (await subscriptions.WantedAsync(claims.Holds, ct)).GroupBy(w => w.Owner, StringComparer.Ordinal))
        {
            if (await HasTokenAsync(own.Key, ct) is not { } has)
            {
                // Nobody can tell now: what is heard goes on being heard.
                should.UnionWith(_clients.Keys.Where(c => c.Owner == own.Key));
            }
            else if (has)
            {
                should.UnionWith(Share(own.Key, [.. own]).Select(number => (own.Key, number)));
            }
            else if (own.Key == options.Value.BotUserId)
            {
                NoBot();
            }
        }

        foreach (var gone in _clients.Keys.Except(should).ToList())
        {
            await EndAsync(gone, ct);
        }

        foreach (var one in should.Where(c => !_clients.TryGetValue(c, out var running) || running.Task.IsCompleted))
        {
            _clients[one] = Start(one.Item1, one.Item2, ct);
        }
    }

    /// <returns>Null when Twitch cannot be asked now.</returns>
    private async Task<bool?> HasTokenAsync(string owner, CancellationToken ct)
    {
        try
        {
            return await tokens.UserAsync(owner, ct) is not null;
        }
        catch (TokensAwayException)
        {
            return null;
        }
    }

    /// <returns>The numbers of the sockets that are needed.</returns>
    private IEnumerable<int> Share(string owner, IReadOnlyList<Wanted> wanted)
    {
        var shares = _shares.TryGetValue(owner, out var known) ? known : _shares[owner] = new SocketShares();
        var (of, left) = shares.Share(wanted);
        if (left > 0 && _left.GetValueOrDefault(owner) != left)
        {
            NoRoom(left, owner, SocketShares.MostSockets, SocketShares.MostOfSocket);
        }

        _left[owner] = left;
        return of.Keys;
    }

    private (Task Task, CancellationTokenSource Stop) Start(string owner, int number, CancellationToken ct)
    {
        var shares = _shares[owner];
        var client = new EventSubClient(
            owner, options.Value, subscriptions, WantedAsync, intake, changes, clock, Random.Shared.NextDouble, log);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        return (client.RunAsync(stop.Token), stop);

        async Task<IReadOnlyList<Wanted>> WantedAsync(CancellationToken token)
        {
            var own = (await subscriptions.WantedAsync(claims.Holds, token)).Where(w => w.Owner == owner).ToList();
            return shares.Share(own).Of.GetValueOrDefault(number) ?? [];
        }
    }

    private async Task EndAsync((string, int) key, CancellationToken ct)
    {
        if (_clients.Remove(key, out var client))
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

    [LoggerMessage(
        LogLevel.Warning,
        "{Left} subscriptions of user {Owner} find no room: Twitch takes {Sockets} sockets with {Most} each. The cure: "
        + "Platforms:Twitch:Transport=webhook, or Platforms:Twitch:ChatTransport=irc.")]
    private partial void NoRoom(int left, string owner, int sockets, int most);

    [LoggerMessage(LogLevel.Warning, "Twitch's sockets are looked after again later: {Reason}")]
    private partial void LookFailed(string reason, Exception? exception);
}
