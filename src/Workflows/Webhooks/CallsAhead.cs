namespace Rookery.Workflows.Webhooks;

/// <summary>Calls of one webhook that this node has counted and that have not come yet.</summary>
internal sealed class CallsAhead
{
    private readonly Lock _lock = new();
    private long _slot;
    private int _left;
    private int _came;
    private int _cameBefore;
    private (int Calls, long Slot) _unused;

    /// <summary>A call comes.</summary>
    /// <returns>Whether it is counted already.</returns>
    public bool TryTake(long slot)
    {
        lock (_lock)
        {
            MoveTo(slot);
            _came++;
            if (slot != _slot || _left == 0)
            {
                return false;
            }

            _left--;
            return true;
        }
    }

    /// <summary>How many more will come in this slot, if it is like the one before.</summary>
    public int Expected(long slot)
    {
        lock (_lock)
        {
            MoveTo(slot);
            return Math.Max(0, _cameBefore - _came);
        }
    }

    /// <summary>Calls that were counted ahead in an earlier slot and did not come.</summary>
    public (int Calls, long Slot) TakeUnused(long slot)
    {
        lock (_lock)
        {
            MoveTo(slot);
            var unused = _unused;
            _unused = default;
            return unused;
        }
    }

    public void Add(long slot, int calls)
    {
        lock (_lock)
        {
            if (slot == _slot && calls > 0)
            {
                _left += calls;
            }
            else if (calls > 0 && _unused.Calls == 0)
            {
                _unused = (calls, slot);
            }
        }
    }

    /// <summary>What is left of one slot is of no use in the next. What came late for its slot is nobody's.</summary>
    private void MoveTo(long slot)
    {
        if (slot <= _slot)
        {
            return;
        }

        if (_left > 0)
        {
            _unused = (_left, _slot);
        }

        _cameBefore = slot == _slot + 1 ? _came : 0;
        (_slot, _left, _came) = (slot, 0, 0);
    }
}
