namespace Rookery.Workflows.Schedules;

/// <summary>What happens to times that came while nothing could be started, because no server ran.</summary>
internal static class CatchUp
{
    /// <summary>The last of them, if it is not long past.</summary>
    public const string Skip = "skip";

    /// <summary>The last of them, however late.</summary>
    public const string Once = "once";

    /// <summary>Each of them, up to <see cref="Most"/>.</summary>
    public const string All = "all";

    /// <summary>Runs that are made up for at a time; of more, the latest.</summary>
    public const int Most = 100;

    /// <summary>How late a run may begin that is not made up for.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    public static IReadOnlyList<string> Policies { get; } = [Skip, Once, All];

    /// <summary>The times for which runs are started, the oldest first.</summary>
    public static IReadOnlyList<DateTimeOffset> Choose(string policy, DueTimes due, DateTimeOffset now) => policy switch
    {
        _ when due.Latest.Count == 0 => [],
        All => due.Latest,
        Skip when now - due.Latest[^1] > Grace => [],
        _ => [due.Latest[^1]],
    };
}
