using System.Collections.Concurrent;

namespace Rookery.Platforms.Twitch;

/// <summary>
/// How far a message of several parts has come, so that a further try goes on with the part that failed, and a key that was
/// sent says nothing twice while this process lives.
/// </summary>
internal sealed class SendProgress
{
    private const int Kept = 10_000;

    private readonly ConcurrentDictionary<string, SendState> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    public SendState Of(string key) => _states.GetOrAdd(key, k =>
    {
        _order.Enqueue(k);
        if (_order.Count > Kept && _order.TryDequeue(out var oldest))
        {
            _states.TryRemove(oldest, out _);
        }

        return new SendState();
    });
}

internal sealed class SendState
{
    /// <summary>Parts that stand in the chat.</summary>
    public int Done { get; private set; }

    public string? FirstMessageId { get; private set; }

    /// <summary>An answer was lost: the next part may stand there already.</summary>
    public bool IsUncertain { get; set; }

    public void Advance(string? messageId)
    {
        FirstMessageId ??= messageId;
        Done++;
        IsUncertain = false;
    }
}
