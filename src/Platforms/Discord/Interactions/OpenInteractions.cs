using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>
/// The interactions that wait for their answer here. One that waits long is put off before Discord gives it up: the person
/// sees that the bot works on it.
/// </summary>
internal sealed partial class OpenInteractions(
    InteractionCalls calls, TimeProvider clock, ILogger<OpenInteractions> log) : IAsyncDisposable
{
    /// <summary>Discord waits three seconds, of which the way here took some.</summary>
    private static readonly TimeSpan PutOffAfter = TimeSpan.FromSeconds(1.5);

    private readonly ConcurrentDictionary<string, OpenInteraction> _open = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();

    /// <returns>False when it is known already.</returns>
    public bool Begin(InteractionHandle handle)
    {
        Sweep();
        var open = new OpenInteraction(handle, Standing.New);
        if (!_open.TryAdd(handle.Id, open))
        {
            return false;
        }

        open.PuttingOff = PutOffAsync(open, _stop.Token);
        return true;
    }

    /// <summary>One that nobody knows here was begun before a restart.</summary>
    public OpenInteraction Find(InteractionHandle handle) =>
        _open.GetOrAdd(handle.Id, _ => new OpenInteraction(handle, Standing.Unknown));

    public void Forget(string id)
    {
        if (_open.TryRemove(id, out var open))
        {
            open.IsOver = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_open.Values.Select(o => o.PuttingOff));
        _stop.Dispose();
    }

    /// <summary>Never throws.</summary>
    private async Task PutOffAsync(OpenInteraction open, CancellationToken stop)
    {
        try
        {
            await Task.Delay(PutOffAfter, clock, stop);
            await open.Turn.WaitAsync(stop);
            try
            {
                if (open is { Standing: Standing.New, IsOver: false })
                {
                    var later = new MessageCallback(open.Handle.IsComponent ? 6 : 5, null);
                    var answer = await calls.AnswerAsync(open.Handle, later, DiscordJson.Default.MessageCallback, stop);
                    open.Standing = answer.Ok ? Standing.PutOff : open.Standing;
                    DiscordMetrics.Interaction(answer.Ok ? "put_off" : "not_put_off");
                }
            }
            finally
            {
                open.Turn.Release();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The server stops; who goes on after it finds the interaction stored.
        }
        catch (Exception error)
        {
            Failed(error, open.Handle.Id);
        }
    }

    /// <summary>Those whose event could never be stored.</summary>
    private void Sweep()
    {
        if (_open.Count < 1000)
        {
            return;
        }

        var old = clock.GetUtcNow() - InteractionHandle.Life;
        foreach (var (id, open) in _open)
        {
            if (open.Handle.ArrivedAt < old)
            {
                Forget(id);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Interaction {Id} could not be put off.")]
    private partial void Failed(Exception exception, string id);
}

/// <summary>How far the answer to an interaction is.</summary>
internal enum Standing
{
    /// <summary>Nothing was answered yet.</summary>
    New,

    /// <summary>Discord was told that the answer comes later.</summary>
    PutOff,

    /// <summary>Something was said; the next is a message of its own.</summary>
    Answered,

    /// <summary>It began before a restart.</summary>
    Unknown,

    /// <summary>Discord takes no answer any more.</summary>
    Over,
}

internal sealed class OpenInteraction(InteractionHandle handle, Standing standing)
{
    public InteractionHandle Handle => handle;

    /// <summary>Held by whoever answers.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public Standing Standing { get; set; } = standing;

    /// <summary>Nobody will answer it any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>A first answer went out and nobody knows whether it came.</summary>
    public bool IsInDoubt { get; set; }

    /// <summary>How many parts of an answer were said, by its key.</summary>
    public Dictionary<string, int> Said { get; } = new(StringComparer.Ordinal);

    public Task PuttingOff { get; set; } = Task.CompletedTask;
}
