using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Delivery;
using Rookery.Router.Lanes;

namespace Rookery.Router.Executions;

/// <summary>One event on its way through the router: who and where it is, and what came of it so far.</summary>
internal sealed class EventContext
{
    public required Guid EventId { get; init; }

    public required InboundEvent Event { get; init; }

    public required Entity Entity { get; init; }

    public required Member Member { get; init; }

    public required Turn Turn { get; init; }

    /// <summary>
    /// The event's claim in the inbox, until it is written; null once it is, or where the event has no id.
    /// </summary>
    public InboxClaim? Claim { get; set; }

    private int _executions;

    /// <summary>
    /// The first execution has the event's id, so that a repeat finds it without an index of its own.
    /// </summary>
    public Guid NextExecutionId(DateTimeOffset now) =>
        Interlocked.Increment(ref _executions) == 1 ? EventId : Ids.New(now);

    public string SessionId => SessionOf(EventId);

    public List<ModuleResponse> Responses { get; } = [];

    /// <summary>The first execution, which the answer names.</summary>
    public Execution? First { get; set; }

    public Outcome Outcome { get; set; }

    public string? Error { get; set; }

    public static string SessionOf(Guid eventId) => $"sess_{eventId:N}";

    public Routed ToRouted() => new()
    {
        EventId = EventId,
        EntityId = Entity.EntityId,
        SessionId = SessionId,
        Outcome = Outcome,
        ExecutionId = First?.Id,
        Status = First?.Status,
        Responses = Responses,
        Error = Error,
    };
}

/// <summary>The event was claimed before: nothing more is to be done for it.</summary>
internal sealed class AlreadySeenException(Guid first) : Exception("The event was seen before.")
{
    public Guid First => first;
}
