namespace Rookery.Bench.Platforms;

/// <summary>What minutes of trouble did to what people said. What <see cref="Clean"/> names must be zero.</summary>
internal sealed record PlatformsResult
{
    /// <summary>sockets, webhooks or irc.</summary>
    public required string Transports { get; init; }

    public required double Minutes { get; init; }

    public required int Freezes { get; init; }

    public required int Kills { get; init; }

    public required int Troubles { get; init; }

    public int Lines { get; init; }

    public int Commands { get; init; }

    /// <summary>Said while nobody heard it, where the platform tells nobody later: Twitch's talk by sockets, slash commands by calls.</summary>
    public int Unheard { get; init; }

    /// <summary>Commands that were heard and have no row. Discord's must all have one, and Slack's.</summary>
    public int RowsLost { get; init; }

    public int RowsDoubled { get; init; }

    public int Answered { get; init; }

    public int AnsweredTwice { get; init; }

    /// <summary>Broken off by a kill, which the row says.</summary>
    public int Interrupted { get; init; }

    /// <summary>Not answered, or nobody knows, and the row says why.</summary>
    public int NotSent { get; init; }

    /// <summary>What rows say of answers that were not sent at once, and how often.</summary>
    public IReadOnlyDictionary<string, int> Reasons { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Answers that waited for the platform in the outbox.</summary>
    public int AnsweredLater { get; init; }

    /// <summary>Rows that say "sent" although nobody saw an answer, or say nothing.</summary>
    public int Unexplained { get; init; }

    public int Posts { get; init; }

    public int PostsLost { get; init; }

    /// <summary>Not counting those in doubt.</summary>
    public int PostsDoubled { get; init; }

    public int PostsInDoubt { get; init; }

    public int PostsInDoubtDoubled { get; init; }

    public int Follows { get; init; }

    public int FollowsLost { get; init; }

    public int FollowsDoubled { get; init; }

    public int Deletions { get; init; }

    public int DeletionsLost { get; init; }

    public int DeletionsDoubled { get; init; }

    public required long StillPending { get; init; }

    /// <summary>Times that a row was claimed.</summary>
    public required long Holds { get; init; }

    /// <summary>Pairs of holds of one row that overlap, or whose tokens do not rise.</summary>
    public required long HeldTwice { get; init; }

    /// <summary>Events that came under a claim.</summary>
    public required long Effects { get; init; }

    /// <summary>Those that were committed by a node that did not hold the claim at that moment.</summary>
    public required long LateEffects { get; init; }

    public required int Identified { get; init; }

    public required int Resumed { get; init; }

    /// <summary>Answers that count against Discord's 10 000 in ten minutes.</summary>
    public required int InvalidRequests { get; init; }

    /// <summary>A few of what is wrong, for the one who looks for the cause.</summary>
    public IReadOnlyList<string> Wrong { get; init; } = [];

    /// <summary>A tenth of what Discord bears.</summary>
    private const int MostInvalid = 1000;

    public bool Clean =>
        RowsLost + RowsDoubled + AnsweredTwice + Unexplained + PostsLost + PostsDoubled + DeletionsLost + DeletionsDoubled
            + FollowsLost + FollowsDoubled + StillPending + HeldTwice + LateEffects == 0
        && Identified == 1 && Effects > 0 && InvalidRequests < MostInvalid;
}
