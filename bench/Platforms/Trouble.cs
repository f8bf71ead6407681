using System.Net.WebSockets;
using Rookery.Simulators.Slack;

namespace Rookery.Bench.Platforms;

/// <summary>What platforms do to bots, at random: broken connections, errors, lost answers, limits, tokens that end.</summary>
internal sealed class Trouble(Stage stage, Door door, Transports transports)
{
    private static readonly int[] Errors = [500, 502, 503, 429];

    public int Count { get; private set; }

    public async Task MakeAsync(CancellationToken stop)
    {
        (Func<Task> Act, int Weight)[] all =
        [
            .. transports switch
            {
                Transports.Sockets => OfSockets(stop),
                Transports.Irc => [.. OfWebhooks(), .. OfIrc()],
                _ => OfWebhooks(),
            },
            (() => Done(stage.Discord.Gateway.Drop), 2),
            (() => Done(stage.Discord.Gateway.AskToReconnect), 1),
            (() => Done(() => stage.Discord.Gateway.CloseAll(4000)), 1),
            (() => Done(() => stage.Discord.Rest.FailNext(Some(), Error(), acts: false)), 2),
            (() => Done(() => stage.Discord.Rest.FailNext(1, 502, acts: true)), 2),
            (() => Done(() => stage.Twitch.Chat.Fail(Error(), Some())), 2),
            (() => Done(() => stage.Twitch.Chat.Fail(502, 1, butSaid: true)), 1),
            (() => Done(() => stage.Twitch.Accounts.Expire()), 1),
            (() => Done(() => FailSlack(acts: false)), 2),
            (() => Done(() => FailSlack(acts: true)), 2),
            (() => Done(ExpireSlack), 1),
        ];
        var hat = all.SelectMany(a => Enumerable.Repeat(a.Act, a.Weight)).ToArray();
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Random.Shared.Next(300, 1500), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.IsCancellationRequested)
            {
                Count++;
                await ActAsync(hat[Random.Shared.Next(hat.Length)]);
            }
        }
    }

    /// <summary>From here on everything works.</summary>
    public void End()
    {
        door.Relax();
        (stage.Twitch.Events.Copies, stage.Twitch.Events.Twins) = (1, 1);
        stage.Discord.Rest.FailNext(0, 0);
        stage.Twitch.Chat.Fail(0, 0);
    }

    private (Func<Task> Act, int Weight)[] OfSockets(CancellationToken stop) =>
    [
        (() => Done(stage.Twitch.Sockets.Cut), 1),
        (() => stage.Twitch.Sockets.ReconnectAsync(stage.Twitch.Address), 1),
        (() => Done(stage.Slack.Drop), 2),
        (() => stage.Slack.DisconnectAsync("refresh_requested", stop), 1),
    ];

    private (Func<Task> Act, int Weight)[] OfWebhooks() =>
    [
        (() => Done(() => door.Be(Mood.Refuse, Some())), 2),
        (() => Done(() => door.Be(Mood.LoseAnswer, Some())), 2),
        (() => Done(() => door.Be(Mood.Delay, Some())), 2),
        (() => Done(() => stage.Twitch.Events.Copies = Random.Shared.Next(1, 3)), 1),
        (() => Done(() => stage.Twitch.Events.Twins = Random.Shared.Next(1, 3)), 1),
    ];

    private (Func<Task> Act, int Weight)[] OfIrc() =>
    [
        (() => Done(stage.Twitch.Irc.Cut), 1),
        (stage.Twitch.Irc.ReconnectAsync, 1),
        (stage.Twitch.Irc.PingAsync, 1),
    ];

    private static async Task ActAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The connection it was meant for had just ended by itself.
        }
    }

    private void FailSlack(bool acts)
    {
        var status = acts ? 502 : Error();
        stage.Slack.Fail("chat.postMessage", new SlackFailure(status, RetryAfter: status == 429 ? 1 : null, Acts: acts, Times: acts ? 1 : Some()));
    }

    private void ExpireSlack()
    {
        foreach (var token in stage.Slack.TokensOf(stage.Slack.Team))
        {
            stage.Slack.Expire(token);
        }
    }

    private static int Some() => Random.Shared.Next(1, 4);

    private static int Error() => Errors[Random.Shared.Next(Errors.Length)];

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
    }
}
