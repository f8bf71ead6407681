namespace Rookery.Kernel.Expressions;

/// <summary>How much an evaluation may cost; whoever wrote the expression need not be trusted.</summary>
public sealed record Limits
{
    public static Limits Default { get; } = new();

    /// <summary>
    /// An operation is a step, and so are each 1 024 characters it is given or makes, counted as JSON.
    /// </summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>How deep lists and objects that are made may be in one another.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>The longest text that may be made, in UTF-16 units.</summary>
    public int Text { get; init; } = 64 * 1024;

    /// <summary>The most items a list, or members an object, that is made may have.</summary>
    public int Items { get; init; } = 10_000;

    /// <summary>The largest value that may be made, in characters of JSON: see <see cref="Value.Size"/>.</summary>
    public long Size { get; init; } = 1024 * 1024;

    /// <summary>Looked at every 256 steps and counted from the first 256 on.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>
/// What is left of the <see cref="Limits"/>. Evaluations that belong together, such as those of all fields of one
/// message, share one, on one thread at a time.
/// </summary>
public sealed class Budget(Limits limits, TimeProvider clock)
{
    private const int StepsBetweenLooks = 256;

    private int _left = limits.Steps;
    private int _nextLook = Math.Max(limits.Steps - StepsBetweenLooks, 0);
    private long? _started;

    public Limits Limits => limits;

    public int StepsTaken => limits.Steps - _left;

    internal bool TimedOut { get; private set; }

    /// <summary>How often chance was asked, so that the same seed gives the same answers again.</summary>
    internal ulong Draws { get; set; }

    internal bool Spend(int steps)
    {
        _left = Math.Max(_left - steps, -1);
        return _left > _nextLook || Look();
    }

    private bool Look()
    {
        _nextLook = Math.Max(_left - StepsBetweenLooks, 0);
        _started ??= clock.GetTimestamp();
        TimedOut |= clock.GetElapsedTime(_started.Value) > limits.Time;
        return _left >= 0 && !TimedOut;
    }
}
