using Rookery.Kernel.Communities;

namespace Rookery.Kernel.Chat;

/// <summary>Reacts to an event that is no command, such as a raid. It returns what to say, if anything.</summary>
public interface IReaction
{
    ValueTask<Reply> RunAsync(ReactionCall call, CancellationToken ct);
}

public sealed record ReactionCall(Guid ExecutionId, Entity Entity, Member Member, InboundEvent Event);

/// <summary>How an event handler is registered.</summary>
/// <param name="Name">Names the handler in <c>commands</c> and in the log; unique in its module.</param>
/// <param name="EventTypes">The <see cref="MessageTypes"/> it wants.</param>
/// <param name="Priority">Lower runs first.</param>
/// <param name="Parallel">
/// False: in order with the others. True: after those, together with the other parallel ones.
/// </param>
public sealed record ReactionSpec(
    string Name, IReadOnlyList<string> EventTypes, int Priority = 100, bool Parallel = false);

/// <summary>
/// Is told of every event that moderation let through, while its handlers run; keeps scores and activity.
/// </summary>
public interface IActivityHook
{
    /// <summary>
    /// Completes once it is durable, where it is to be. May be told of an event again, after a crash or by another node.
    /// </summary>
    /// <exception cref="Data.StorageUnavailableException">
    /// It is not stored: the event is to come again. Any other failure is logged and stops nothing.
    /// </exception>
    ValueTask RecordAsync(InboundEvent e, Entity entity, Member member, CancellationToken ct);
}
