using System.Collections.Concurrent;

namespace Rookery.Platforms.Twitch.Irc;

/// <summary>A connection that is read, and the channels it stands in.</summary>
internal sealed class IrcConnection
{
    private readonly IrcLink _link;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _entered = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _askedToMove = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end;
    private bool _ended;

    public IrcConnection(IrcLink link, Func<IrcLine, string, CancellationToken, Task> take, CancellationToken ct)
    {
        _link = link;
        _end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Reading = ReadAsync(take, _end.Token);
    }

    /// <summary>Ends, with an error, when no more lines come.</summary>
    public Task Reading { get; }

    /// <summary>Completes when Twitch wants this connection to be replaced.</summary>
    public Task AskedToMove => _askedToMove.Task;

    /// <summary>The channels that were asked for and not left since.</summary>
    public IReadOnlyCollection<string> Channels => [.. _entered.Keys];

    public async Task EnterAsync(string login, CancellationToken ct)
    {
        _entered[login] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _link.SendAsync($"JOIN #{login}", ct);
    }

    /// <summary>Completes when Twitch has let the connection into every channel that it asked for.</summary>
    public Task EnteredAsync() => Task.WhenAll(_entered.Values.Select(e => e.Task));

    /// <summary>Forgets those that Twitch did not let in, so that they are asked for again.</summary>
    /// <returns>Which those are.</returns>
    public IReadOnlyList<string> ForgetOutside()
    {
        var outside = _entered.Where(e => !e.Value.Task.IsCompleted).Select(e => e.Key).ToList();
        outside.ForEach(login => _entered.TryRemove(login, out _));
        return outside;
    }

    public async Task LeaveAsync(string login, CancellationToken ct)
    {
        _entered.TryRemove(login, out _);
        await _link.SendAsync($"PART #{login}", ct);
    }

    /// <summary>Ends it; a second time does nothing.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        if (!_ended)
        {
            _ended = true;
            await _end.CancelAsync();
            await Reading.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _link.Dispose();
            _end.Dispose();
        }
    }

    private async Task ReadAsync(Func<IrcLine, string, CancellationToken, Task> take, CancellationToken ct)
    {
        while (true)
        {
            var (text, line) = await _link.ReceiveAsync(ct);
            switch (line.Command)
            {
                case "RECONNECT":
                    _askedToMove.TrySetResult();
                    break;
                case "ROOMSTATE" when _entered.TryGetValue(line.Channel, out var entered):
                    entered.TrySetResult();
                    break;
                default:
                    await take(line, text, ct);
                    break;
            }
        }
    }
}
