using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Chat;

/// <summary>
/// Brings an event to the lane of its channel and back what came of it. Today in this process; the seam for a node
/// that does not own the channel.
/// </summary>
public interface IEventTransport
{
    /// <summary>Returns once everything the event caused is durable.</summary>
    /// <exception cref="Data.StorageUnavailableException">
    /// The database cannot be reached; nothing was acknowledged.
    /// </exception>
    ValueTask<Routed> DeliverAsync(InboundEvent e, CancellationToken ct);
}

[JsonConverter(typeof(SnakeCase<Outcome>))]
public enum Outcome
{
    Ignored,
    Replied,
    Refused,
    Blocked,
    Duplicate,
    Failed,

    /// <summary>
    /// The channel's queue is full: nothing was done; try again after <see cref="Routed.RetryAfter"/>.
    /// </summary>
    Overloaded,
}

/// <summary>What came of one event.</summary>
public sealed record Routed
{
    public required Guid EventId { get; init; }

    public required string EntityId { get; init; }

    /// <summary>The session in which late answers to this event are accepted.</summary>
    public string SessionId => SessionOf(EventId);

    public required Outcome Outcome { get; init; }

    /// <summary>The (first) execution the event caused, if it caused one.</summary>
    public Guid? ExecutionId { get; init; }

    /// <summary>pending, success or failed: the state of <see cref="ExecutionId"/>.</summary>
    public string? Status { get; init; }

    public IReadOnlyList<ModuleResponse> Responses { get; init; } = [];

    public string? Error { get; init; }

    /// <summary>
    /// A remote module took it (202) and answers later, or the answer waits in the outbox: whoever waits for one is to wait on.
    /// </summary>
    public bool IsAnsweredLater { get; init; }

    public TimeSpan RetryAfter { get; init; }

    public static string SessionOf(Guid eventId) => $"sess_{eventId:N}";
}
