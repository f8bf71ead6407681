using Rookery.Kernel.Chat;

namespace Rookery.Modules.Reputation;

/// <summary>Where one member of a community stands; fields as the columns of <c>reputation_scores</c>.</summary>
/// <param name="Rank">1 for the highest score; members with the same score share a rank.</param>
/// <param name="Events">How much was scored.</param>
internal sealed record Standing(
    long Rank, Platform Platform, string UserId, string UserName, decimal Score, long Events, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

internal sealed record Leaderboard(IReadOnlyList<Standing> Items);

/// <summary>One change of a score; fields as the columns of <c>reputation_events</c>.</summary>
/// <param name="EventId">The platform's id of what was scored.</param>
/// <param name="Reason">Of an adjustment.</param>
internal sealed record ScoreEvent(
    long Id, Platform Platform, string UserId, string EventId, string ActivityType, decimal Points, decimal PreviousScore,
    decimal NewScore, string? Reason, DateTimeOffset CreatedAt);

/// <param name="Days">Over how many days <paramref name="ByType"/> counts.</param>
internal sealed record ReputationStats(
    long Members, decimal TotalScore, decimal? AverageScore, decimal? HighestScore, decimal? LowestScore, int Days,
    IReadOnlyList<TypeStats> ByType);

internal sealed record TypeStats(string ActivityType, long Events, long Members, decimal Points);
