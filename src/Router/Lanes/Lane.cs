using Rookery.Router.Limits;

namespace Rookery.Router.Lanes;

/// <summary>
/// The queue of one channel: turns are given in the order they were asked for, one at a time. A turn that finds the
/// lane free costs no allocation and no thread switch.
/// </summary>
internal sealed class Lane(int capacity, long now)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private bool _busy;

    /// <summary>When the lane was last used, as a timestamp of the clock.</summary>
    public long LastUsed { get; private set; } = now;

    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_busy;
            }
        }
    }

    /// <summary>
    /// The calls of the last minute; lives and dies with the lane, and is read back from the executions when it is made
    /// anew.
    /// </summary>
    public CallLimits? Limits { get; set; }

    /// <summary>Waits for the turn. A turn that was given is ended with <see cref="Leave"/>.</summary>
    /// <returns>False when too many wait already; nothing is to be undone then.</returns>
    public bool TryEnter(long timestamp, out Task turn)
    {
        turn = Task.CompletedTask;
        lock (_gate)
        {
            LastUsed = timestamp;
            if (!_busy)
            {
                _busy = true;
                return true;
            }

            if (_waiting.Count >= capacity)
            {
                return false;
            }

            var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiting);
            turn = waiting.Task;
            return true;
        }
    }

    public void Leave()
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out next))
            {
                _busy = false;
            }
        }

        next?.SetResult();
    }
}

/// <summary>One turn in a lane, which may be given up before the work it was for is done.</summary>
internal sealed class Turn(Lane lane)
{
    private bool _left;

    public Lane Lane => lane;

    /// <summary>Lets the channel's next event go. Again has no effect.</summary>
    public void Leave()
    {
        if (!_left)
        {
            _left = true;
            lane.Leave();
        }
    }
}
