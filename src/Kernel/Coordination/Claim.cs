using System.Text.Json;
using Rookery.Kernel.Chat;

namespace Rookery.Kernel.Coordination;

/// <summary>
/// The right of this node to act for one row of <c>kernel.coordination</c>. It ends when another node has the row, and by
/// itself when the database was not heard of for too long; whoever acts looks at <see cref="IsHeld"/> or has its writes
/// refused by <see cref="Token"/>.
/// </summary>
public sealed class Claim : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lease;
    private readonly Action _ring;
    private readonly CancellationTokenSource _lost;
    private long _confirmedAt;
    private int _over;
    private int _active;
    private int _due;

    /// <param name="lease">How long the claim holds after a check-in.</param>
    /// <param name="askedAt">A time stamp of the clock from before the claim was made.</param>
    /// <param name="ring">Called when the claim needs to be looked at.</param>
    internal Claim(ClaimRow row, TimeSpan lease, long askedAt, TimeProvider clock, Action ring)
    {
        Row = row;
        _clock = clock;
        _lease = lease;
        _ring = ring;
        _confirmedAt = askedAt;
        _lost = new CancellationTokenSource(lease, clock);
        Lost = _lost.Token;
    }

    public string EntityId => Row.EntityId;

    public Platform Platform => Row.Platform;

    public string? Server => Row.Server;

    public string Channel => Row.Channel;

    /// <summary>Greater than that of every claim before.</summary>
    public long Token => Row.Token;

    /// <summary>What holders before wrote down: see <see cref="IClaimant.NoteAsync"/>.</summary>
    public JsonElement Metadata => Row.Metadata;

    public JsonElement Config => Row.Config;

    /// <summary>Fires when the claim is over, whatever ended it.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Monotonic: a clock that is set does not matter.</summary>
    public bool IsHeld => !Lost.IsCancellationRequested && _clock.GetElapsedTime(Volatile.Read(ref _confirmedAt)) < _lease;

    /// <summary>What is held, for metrics: <c>discord:shard</c>, <c>slack:socket</c>, <c>twitch</c>.</summary>
    internal string Kind => Server is null ? Platform.Name() : $"{Platform.Name()}:{Server}";

    internal ClaimRow Row { get; }

    internal string? Failure { get; private set; }

    internal bool IsDue => Volatile.Read(ref _due) == 1
        || _clock.GetElapsedTime(Volatile.Read(ref _confirmedAt)) >= Row.HeartbeatInterval;

    /// <summary>Something happened here: the row says so within a minute, and its errors are forgotten.</summary>
    public void Touch() => Volatile.Write(ref _active, 1);

    /// <summary>It cannot be served here. The row is given back and left alone for a while, longer each time.</summary>
    public void Fail(string why)
    {
        Failure ??= why;
        Lose();
    }

    /// <summary>Another has it, or nobody.</summary>
    public void Lose()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            _lost.Cancel();
            _ring();
        }
    }

    public void Dispose() => _lost.Dispose();

    /// <summary>Something was not done because the claim is over; counts it.</summary>
    internal ClaimLostException Refuse()
    {
        Lose();
        ClaimMetrics.Refused(this);
        return new ClaimLostException(EntityId);
    }

    internal bool IsActive => Volatile.Read(ref _active) == 1;

    /// <param name="wroteActivity">The row has <see cref="IsActive"/> now.</param>
    internal void Confirm(long askedAt, bool wroteActivity)
    {
        if (wroteActivity)
        {
            Volatile.Write(ref _active, 0);
        }

        Volatile.Write(ref _due, 0);
        Volatile.Write(ref _confirmedAt, askedAt);
        if (Volatile.Read(ref _over) == 0)
        {
            _lost.CancelAfter(_lease);
        }
    }

    /// <summary>The row was passed on, perhaps to another: to be asked about at once.</summary>
    internal void Doubt() => Volatile.Write(ref _due, 1);
}

/// <summary>A row that was claimed.</summary>
/// <param name="IsTakenOver">Another node held it until then.</param>
internal sealed record ClaimRow(
    Platform Platform,
    string? Server,
    string Channel,
    string EntityId,
    long Token,
    TimeSpan HeartbeatInterval,
    JsonElement Metadata,
    JsonElement Config,
    bool IsTakenOver = false);

/// <summary>A claim that was lost meanwhile; what was to be done under it was not done.</summary>
public sealed class ClaimLostException(string entityId) : Exception($"This node holds {entityId} no more.");
