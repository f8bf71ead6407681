using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <summary>Works out turns of nodes; what they do to the world is left to whoever asked.</summary>
internal sealed class Steps(EntityDirectory entities, TimeProvider clock)
{
    public NodeContext Context(RunInfo info, INames names, string zone, ulong seed) => new(
        info,
        names,
        Instant.FromDateTimeOffset(clock.GetUtcNow()),
        zone == "UTC" ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb[zone],
        seed,
        new Budget(Limits.Default, clock));

    /// <summary>The result of a node that asks nobody else.</summary>
    public static NodeResult Work(Turn turn, NodeContext context) => Checked(
        turn.Node.Node switch
        {
            PureNode node => node.Run(context),
            LoopNode node => node.Next(turn.Loop!.State, context),
            var other => throw new InvalidOperationException($"{other.GetType().Name} does not work alone."),
        },
        context);

    /// <summary>The result of a node that sends something, with what is to be sent.</summary>
    /// <param name="key">Under which it is sent once.</param>
    public async ValueTask<(NodeResult Result, IReadOnlyList<OutboxItem> Items)> WorkAsync(
        StoredNode node, NodeContext context, string key, CancellationToken ct)
    {
        var effects = new StoredEffects();
        var result = Checked(node.Run(context, effects), context);
        var items = new List<OutboxItem>();
        foreach (var send in result.Error is null ? effects.Sends : [])
        {
            var entity = send.EntityId is null ? context.Run.Entity : await entities.FindByEntityIdAsync(send.EntityId, ct);
            if (entity?.CommunityId != context.Run.Community)
            {
                return (NodeResult.Fail("unknown_channel", $"channel_id: this community has no channel {send.EntityId}.") with { Inputs = result.Inputs }, []);
            }

            items.Add(new OutboxItem(items.Count == 0 ? key : $"{key}:{items.Count}", entity.Channel.Platform.Name(), entity.CommunityId, entity.EntityId, send.Action(entity)));
        }

        return (result, items);
    }

    private static NodeResult Checked(NodeResult result, NodeContext context) =>
        context.Error is { } error ? new NodeResult { Error = error, Inputs = result.Inputs } : result;
}
