using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Slack;

/// <summary>
/// Holds the connections of Socket Mode that this node claims. They are the app's: Slack sends an event of any workspace
/// over one of them, whichever. Before one ends, the next is open; after a failure the wait has full jitter.
/// </summary>
internal sealed partial class SlackGateway(
    SlackApi api,
    SlackIntake intake,
    Tokens tokens,
    Claims claims,
    IOptions<SlackOptions> options,
    TimeProvider clock,
    ILogger<SlackGateway> log,
    Func<double>? uniform = null) : BackgroundService, IClaimant
{
    private const int Patient = 5;
    private const string SocketServer = "socket";
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(15);

    private readonly Func<double> _uniform = uniform ?? Random.Shared.NextDouble;
    private readonly ConcurrentDictionary<string, (Task Task, CancellationTokenSource Stop)> _kept = new(StringComparer.Ordinal);

    public Platform Platform => Platform.Slack;

    public IReadOnlyList<string> SupportedEvents { get; } =
    [
        "message", "app_mention", "app_installed", "app_uninstalled", "tokens_revoked", "channel_created", "reaction_added",
        "reaction_removed", "member_joined_channel", "member_left_channel", "team_join", "file_shared", "pin_added",
        "link_shared", "emoji_changed", "workflow_step_execute", "function_executed", "user_huddle_changed", "slash_command",
        "block_actions", "view_submission", "shortcut", "message_action",
    ];

    public Task StartAsync(Claim claim, CancellationToken ct)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(claim.Lost);
        _kept[claim.EntityId] = (KeepAsync(claim, stop.Token), stop);
        return Task.CompletedTask;
    }

    public async Task<string?> StopAsync(Claim claim, CancellationToken ct)
    {
        if (_kept.TryRemove(claim.EntityId, out var kept))
        {
            await kept.Stop.CancelAsync();
            await kept.Task.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            kept.Stop.Dispose();
        }

        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(IntroduceAsync(stoppingToken), OfferAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task OfferAsync(CancellationToken ct)
    {
        ChannelId[] sockets = [.. Enumerable.Range(1, options.Value.Connections)
            .Select(n => new ChannelId(Platform.Slack, SocketServer, n.ToString(CultureInfo.InvariantCulture)))];
        for (var attempt = 0; options.Value.IsSocketOn; attempt++)
        {
            try
            {
                await claims.OfferAsync(Platform.Slack, sockets, ct);
                claims.Serve(this);
                return;
            }
            catch (StorageUnavailableException)
            {
                await WaitAsync(attempt, ct);
            }
        }
    }

    /// <summary>Learns which workspace the configured token is for, so that it stands in the list of workspaces.</summary>
    private async Task IntroduceAsync(CancellationToken ct)
    {
        for (var attempt = 0; options.Value.BotToken.Length > 0; attempt++)
        {
            try
            {
                if (await tokens.IntroduceAsync(ct) is not { Ok: false } answer)
                {
                    return;
                }

                if (answer.RetryAfter is null)
                {
                    TokenRefused("BotToken", answer.Error!);
                    return;
                }
            }
            catch (StorageUnavailableException)
            {
                // Tried again like an outage of Slack.
            }

            await WaitAsync(attempt, ct);
        }
    }

    private async Task KeepAsync(Claim claim, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await StayAsync(claim, ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                Broke(e);
                await WaitAsync(Patient, ct);
            }
        }
    }

    /// <summary>Goes from one connection to the next until the host stops.</summary>
    private async Task StayAsync(Claim claim, CancellationToken ct)
    {
        var connection = await OpenAsync(claim, 0, ct);
        try
        {
            var failures = 0;
            while (true)
            {
                await Task.WhenAny(connection.Ended, connection.Leaving).WaitAsync(ct);
                var old = connection;
                if (old.Leaving.IsCompleted)
                {
                    // The next one first: meanwhile this one goes on taking events.
                    connection = await OpenAsync(claim, 0, ct);
                    await LetGoAsync(old, Farewell, ct);
                    continue;
                }

                var reason = await old.Ended;
                Lost(reason);
                failures = clock.GetUtcNow() - old.Since > Stable ? 0 : failures + 1;
                await LetGoAsync(old, TimeSpan.Zero, ct);
                await WaitAsync(reason is "too_many_websockets" or "link_disabled" ? failures + Patient : failures, ct);
                connection = await OpenAsync(claim, failures, ct);
            }
        }
        finally
        {
            await LetGoAsync(connection, TimeSpan.Zero, CancellationToken.None);
        }
    }

    private async Task<SocketConnection> OpenAsync(Claim claim, int failures, CancellationToken ct)
    {
        for (var attempt = failures; ; attempt++)
        {
            var answer = await api.AskAsync(
                "apps.connections.open", "", options.Value.AppToken, new Dictionary<string, string>(StringComparer.Ordinal), ct);
            if (answer.Ok && Uri.TryCreate(answer.Body.Text("url"), UriKind.Absolute, out var url))
            {
                try
                {
                    var connection = await SocketConnection.OpenAsync(url, intake, claim, clock, ct);
                    Connected();
                    return connection;
                }
                catch (WebSocketException e)
                {
                    OpenFailed(e.Message);
                }
            }
            else if (answer.RetryAfter is null)
            {
                TokenRefused("AppToken", answer.Error ?? "no url");
                attempt += Patient;
            }
            else
            {
                OpenFailed(answer.Error!);
                await Task.Delay(answer.RetryAfter.Value, clock, ct);
            }

            await WaitAsync(attempt, ct);
        }
    }

    private async Task LetGoAsync(SocketConnection connection, TimeSpan moment, CancellationToken ct)
    {
        try
        {
            await connection.RetireAsync(moment, ct);
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    private Task WaitAsync(int attempt, CancellationToken ct) =>
        Task.Delay(Reconnect.Delay(attempt, _uniform()), clock, ct);

    [LoggerMessage(LogLevel.Information, "Slack's socket is open.")]
    private partial void Connected();

    [LoggerMessage(LogLevel.Warning, "Slack's socket ended ({Reason}); it is opened again.")]
    private partial void Lost(string reason);

    [LoggerMessage(LogLevel.Error, "Holding Slack's socket failed; it is begun anew.")]
    private partial void Broke(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Slack's socket could not be opened ({Reason}); it is tried again.")]
    private partial void OpenFailed(string reason);

    [LoggerMessage(LogLevel.Error, "Slack does not take Platforms:Slack:{Setting} ({Error}); copy it anew from the app's page at api.slack.com/apps.")]
    private partial void TokenRefused(string setting, string error);
}
