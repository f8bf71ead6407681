using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;

namespace Rookery.Kernel.Delivery;

/// <summary>An event as its platform told it; a row of <c>{platform}_events</c>.</summary>
/// <param name="EventId">The platform's id of it, by which a repeat is known.</param>
/// <param name="EventType">The platform's own name of its kind.</param>
/// <param name="PlatformIds">JSON object: <c>server_id</c>, <c>channel_id</c> and <c>user_id</c> of what it concerns. By the last a person's rows are found.</param>
/// <param name="Data">JSON object: the event whole.</param>
public sealed record RawEvent(
    Platform Platform, string EventId, string EventType, string PlatformIds, string Data, DateTimeOffset At)
{
    /// <summary>Under which it is taken in; without one that holds it is refused. Null: any node may.</summary>
    public Claim? Claim { get; init; }
}

/// <summary>Makes of a platform's events what they mean here, and lets it take effect.</summary>
public interface IIntakeHandler
{
    Platform Platform { get; }

    /// <summary>
    /// Completes once everything the event causes is durable. Enters the lanes of its channels before it first waits, so that
    /// events keep their order. May see an event again after a crash.
    /// </summary>
    /// <returns>Null when it is done; else how long to wait before trying again.</returns>
    ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct);
}
