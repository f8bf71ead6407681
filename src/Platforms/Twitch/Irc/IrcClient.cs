using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch.Auth;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Twitch.Irc;

/// <summary>
/// Hears the chat over IRC: connected with the bot's token, in every channel this node holds. When Twitch asks to connect
/// anew, the old connection is heard until the new one is in all channels; what comes twice is told by its id.
/// </summary>
/// <remarks>
/// One connection is enough: how many channels it may be in, Twitch limits by account (100 where the bot neither moderates
/// nor is allowed by <c>channel:bot</c>), not by connection. Source: dev.twitch.tv/docs/irc, dev.twitch.tv/docs/chat.
/// </remarks>
internal sealed partial class IrcClient(
    IrcChannels channels,
    JoinTurns turns,
    Helix helix,
    Tokens tokens,
    EventIntake intake,
    Changes changes,
    IOptions<TwitchOptions> options,
    TimeProvider clock,
    ILogger<IrcClient> log)
{
    private const string Scope = "chat:read";
    private static readonly TimeSpan EnterWithin = TimeSpan.FromSeconds(10);

    private readonly TakenEvents _taken = new(clock, log);
    private readonly HashSet<string> _saidOutside = new(StringComparer.Ordinal);
    private int _failures;

    /// <summary>Connects again and again, until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        IrcConnection? before = null;
        while (!ct.IsCancellationRequested)
        {
            var change = changes.Next;
            try
            {
                before = await ServeAsync(before, ct);
                Asked();
            }
            catch (Exception e) when (ct.IsCancellationRequested && (e is OperationCanceledException or WebSocketException))
            {
                break;
            }
            catch (Exception e)
            {
                var delay = Reconnect.Delay(_failures++, Random.Shared.NextDouble());
                var isBug = e is not (WebSocketException or IrcRefusedException or StorageUnavailableException or TokensAwayException);
                Lost(isBug ? e : null, e.Message, delay.TotalSeconds);
                var waiting = Task.Delay(delay, clock, ct);
                await Task.WhenAny(waiting, e is IrcRefusedException { NeedsLogin: true } ? change : waiting);
            }
        }

        await (before?.EndAsync(CancellationToken.None) ?? Task.CompletedTask);
        await _taken.EndAsync(CancellationToken.None);
    }

    /// <summary>One connection, until it breaks or Twitch asks for another.</summary>
    /// <param name="before">The connection before, heard until this one is in all channels.</param>
    /// <returns>This one, which is still heard.</returns>
    private async Task<IrcConnection> ServeAsync(IrcConnection? before, CancellationToken ct)
    {
        var connection = new IrcConnection(await OpenAsync(ct), TakeAsync, ct);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var keeping = KeepEnteredAsync(connection, before, end.Token);
        try
        {
            var first = await Task.WhenAny(connection.Reading, keeping, connection.AskedToMove);
            await first;
            return connection;
        }
        catch
        {
            await connection.EndAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            await end.CancelAsync();
            await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await (before?.EndAsync(CancellationToken.None) ?? Task.CompletedTask);
        }
    }

    private async Task<IrcLink> OpenAsync(CancellationToken ct)
    {
        var (o, bot) = (options.Value, options.Value.BotUserId!);

        // Also renews a token that Twitch does not take any more.
        var response = await helix.AsUserAsync(bot, HttpMethod.Get, $"users?id={bot}", null, ct);
        var user = response.Ok ? JsonSerializer.Deserialize(response.Body, TwitchJson.Default.UserPage)?.Data : null;
        if (user is not [{ Login: var login }, ..] || await tokens.UserAsync(bot, ct) is not { } token)
        {
            throw new IrcRefusedException(OAuth.Describe(response), needsLogin: response.Status == 401);
        }

        if (!token.Scopes.Contains(Scope))
        {
            throw new IrcRefusedException(
                $"The bot did not allow {Scope}: log in again with its account at /platforms/twitch/login?as=bot.", needsLogin: true);
        }

        try
        {
            return await IrcLink.OpenAsync(o.IrcUrl, login, token.AccessToken, o.IrcQuiet, clock, ct);
        }
        catch (IrcRefusedException)
        {
            if (await tokens.RefreshAsync(bot, token.AccessToken, ct) is not { } fresh)
            {
                throw;
            }

            return await IrcLink.OpenAsync(o.IrcUrl, login, fresh.AccessToken, o.IrcQuiet, clock, ct);
        }
    }

    private Task TakeAsync(IrcLine line, string text, CancellationToken ct) => channels.Find(line.Channel) is { } channel
        ? _taken.AddAsync($"A line of {line.Channel}", () => intake.AcceptAsync(channel, line, text, CancellationToken.None), ct)
        : Task.CompletedTask;

    /// <summary>Enters the channels that should be heard and leaves the others, whenever that changes.</summary>
    private async Task KeepEnteredAsync(IrcConnection connection, IrcConnection? before, CancellationToken ct)
    {
        while (true)
        {
            var change = changes.Next;
            try
            {
                await EnterAsync(connection, await channels.LookAsync(ct), ct);
                _failures = 0;
                await (before?.EndAsync(CancellationToken.None) ?? Task.CompletedTask);
            }
            catch (StorageUnavailableException e)
            {
                NotCompared(e.Message);
            }

            await Task.WhenAny(change, Task.Delay(options.Value.ReconcileEvery, clock, ct)).WaitAsync(ct);
        }
    }

    private async Task EnterAsync(IrcConnection connection, IReadOnlySet<string> should, CancellationToken ct)
    {
        foreach (var gone in connection.Channels.Except(should, StringComparer.Ordinal).ToList())
        {
            await connection.LeaveAsync(gone, ct);
        }

        foreach (var login in should.Except(connection.Channels, StringComparer.Ordinal).ToList())
        {
            await Task.Delay(await turns.TakeAsync(ct), clock, ct);
            await connection.EnterAsync(login, ct);
        }

        await Task.WhenAny(connection.EnteredAsync(), Task.Delay(EnterWithin, clock, ct)).WaitAsync(ct);
        foreach (var login in connection.ForgetOutside().Where(_saidOutside.Add))
        {
            NotLetIn(login);
        }

        _saidOutside.ExceptWith(connection.Channels);
    }

    [LoggerMessage(LogLevel.Warning, "Twitch's chat is lost ({Reason}); it is tried again in {Seconds:0.0} s.")]
    private partial void Lost(Exception? bug, string reason, double seconds);

    [LoggerMessage(LogLevel.Information, "Twitch asks to connect to its chat anew.")]
    private partial void Asked();

    [LoggerMessage(LogLevel.Warning, "Twitch does not let the bot into the chat of {Login}; it is tried again at every comparison.")]
    private partial void NotLetIn(string login);

    [LoggerMessage(LogLevel.Warning, "The channels of Twitch's chat are compared again later: {Reason}")]
    private partial void NotCompared(string reason);
}
