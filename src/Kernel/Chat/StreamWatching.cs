namespace Rookery.Kernel.Chat;

/// <summary>
/// Wants to know when broadcasters are live, also those who have no community here. The streaming platform subscribes to
/// them once, however many want it. A change of who is wanted is told by a notification <c>stream_watch</c>.
/// </summary>
public interface IStreamWatch
{
    /// <summary>The platform's ids of all who are wanted now.</summary>
    Task<IReadOnlyList<string>> BroadcastersAsync(CancellationToken ct);

    /// <summary>
    /// A broadcaster, who is the event's channel, went live or offline or changed the stream. Completes once what follows is
    /// durable; may be told again after a crash.
    /// </summary>
    /// <exception cref="Data.StorageUnavailableException">It is not stored: it is told again.</exception>
    ValueTask HandleAsync(InboundEvent e, CancellationToken ct);

    /// <summary>What the platform says about the subscriptions, as it says it; in any order and as often as it does.</summary>
    Task ToldAsync(IReadOnlyList<StreamSubscription> subscriptions, CancellationToken ct);
}

/// <param name="Type">The platform's name of what is told: stream.online.</param>
/// <param name="Id">Null: there is none, because the platform refused it.</param>
/// <param name="Status">The platform's word; enabled when it tells. failed: it was refused.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record StreamSubscription(string BroadcasterId, string Type, string? Id, string Status, string? Reason = null);

/// <summary>Answers questions about streams. A null means that the platform cannot be asked now.</summary>
public interface IStreamDirectory
{
    /// <summary>Why the platform is not asked at all, and what to set; null: it is.</summary>
    string? OffBecause { get; }

    /// <summary>Looks people up by login; those it does not know are missing.</summary>
    Task<IReadOnlyList<Broadcaster>?> FindAsync(IReadOnlyList<string> logins, CancellationToken ct);

    /// <summary>The same by the platform's ids, which stay when somebody takes another name.</summary>
    Task<IReadOnlyList<Broadcaster>?> FindByIdAsync(IReadOnlyList<string> ids, CancellationToken ct);

    /// <summary>Who of these is live, at most a hundred; the others are missing.</summary>
    Task<IReadOnlyList<LiveBroadcast>?> LiveAsync(IReadOnlyList<string> broadcasterIds, CancellationToken ct);

    /// <summary>The recording of a stream; empty while there is none.</summary>
    Task<string?> RecordingAsync(string broadcasterId, string streamId, CancellationToken ct);
}

public sealed record Broadcaster(string Id, string Login, string DisplayName, string? AvatarUrl);

/// <param name="ThumbnailUrl">With the places <c>{width}</c> and <c>{height}</c>.</param>
public sealed record LiveBroadcast(
    string BroadcasterId,
    string StreamId,
    string Login,
    string DisplayName,
    string Title,
    string Game,
    int Viewers,
    string? ThumbnailUrl,
    DateTimeOffset StartedAt);
