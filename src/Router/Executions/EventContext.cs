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

    /// <summary>The event has an id and its claim in the inbox is not written yet.</summary>
    public bool IsUnclaimed { get; set; }

    /// <summary>The claim to write; null where there is none to be written, as for most of talk.</summary>
    public InboxClaim? Claim() => IsUnclaimed
        ? new InboxClaim(Event.Channel.Platform, Event.MessageId!, EventId, Ids.Moment(EventId)!.Value)
        : null;

    /// <summary>What moderation decided and nobody has written yet.</summary>
    public Decision? Decision { get; set; }

    private int _executions;

    /// <summary>
    /// The first execution has the event's id, so that a repeat finds it without an index of its own.
    /// </summary>
    public Guid NextExecutionId(DateTimeOffset now) =>
        Interlocked.Increment(ref _executions) == 1 ? EventId : Ids.New(now);

    public string SessionId => Routed.SessionOf(EventId);

    public IReadOnlyList<ModuleResponse> Responses { get; private set; } = [];

    public void Add(IReadOnlyCollection<ModuleResponse> responses) => Responses = [.. Responses, .. responses];

    /// <summary>The first execution, which the answer names.</summary>
    public Execution? First { get; set; }

    public Outcome Outcome { get; set; }

    public string? Error { get; set; }

    public bool IsAnsweredLater { get; set; }

    public Routed ToRouted() => new()
    {
        EventId = EventId,
        EntityId = Entity.EntityId,
        Outcome = Outcome,
        ExecutionId = First?.Id,
        Status = First?.Status,
        Responses = Responses,
        Error = Error,
        IsAnsweredLater = IsAnsweredLater,
    };
}

/// <summary>The event was claimed before: nothing more is to be done for it.</summary>
internal sealed class AlreadySeenException(Guid first) : Exception("The event was seen before.")
{
    public Guid First => first;
}
