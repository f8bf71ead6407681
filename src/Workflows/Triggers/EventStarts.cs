using System.Text.Json;
using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Triggers;

/// <summary>
/// Starts the workflows that wait for an event. Their runs are on record before the event is done with; one that comes again
/// starts nothing.
/// </summary>
internal sealed class EventStarts(TriggerTable triggers, Definitions definitions, Runner runner, TimeProvider clock) : IActivityHook
{
    public ValueTask RecordAsync(InboundEvent e, Entity entity, Member member, CancellationToken ct)
    {
        var listening = triggers.Events(entity, e.Type);
        return listening.Count > 0 ? new ValueTask(StartAsync(listening, e, entity, member, ct)) : default;
    }

    private Task StartAsync(IReadOnlyList<Listening> listening, InboundEvent e, Entity entity, Member member, CancellationToken ct)
    {
        var data = Data(e, member);
        return Task.WhenAll(listening.Select(l => StartAsync(l, e, entity, member, data, ct)));
    }

    private async Task StartAsync(Listening listening, InboundEvent e, Entity entity, Member member, Value data, CancellationToken ct)
    {
        if (await definitions.FindAsync(listening.WorkflowId, listening.Version, ct) is not { Graph.TriggerNode: EventTrigger trigger } workflow
            || !Hold(trigger.Filters, workflow.Graph, data))
        {
            return;
        }

        var key = e.MessageId is { } id ? $"event:{e.Channel.Platform.Name()}:{id}" : null;

        // What has begun is finished, whoever brought the event.
        await runner.StartAsync(new Start(workflow, entity, "event", data, key, member.Key), CancellationToken.None);
    }

    /// <summary>
    /// Filters know the workflow's own variables besides the event. One that fails, because the event lacks what it asks for, does
    /// not hold.
    /// </summary>
    private bool Hold(IReadOnlyList<Field<Template>> filters, Graph graph, Value data)
    {
        if (filters.Count == 0)
        {
            return true;
        }

        var now = Instant.FromDateTimeOffset(clock.GetUtcNow());
        var evaluation = new Evaluation(
            new Scope(data.With("trigger", data), new Scope(graph.GlobalVariables)),
            now,
            DateTimeZoneProviders.Tzdb[graph.Settings.Timezone],
            0,
            new Budget(Limits.Default, clock));
        return filters.All(f => f.Of.Evaluate(evaluation) is { Error: null, Value.Truthy: true });
    }

    private static Value Data(InboundEvent e, Member member) => new ObjectBuilder()
        .Set("event_type", e.Type)
        .Set("username", member.Name)
        .Set("user_id", member.UserId)
        .Set("user_role", member.Role.Name())
        .Set("platform", e.Channel.Platform.Name())
        .Set("channel", e.Channel.ToString())
        .Set("message", e.Text)
        .Set("message_id", e.MessageId)
        .Set("occurred_at", e.OccurredAt.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture))
        .Set("event", Event(e))
        .Build();

    /// <summary>What the platform told, and over it what was understood of it: the same names on every platform.</summary>
    private static Value Event(InboundEvent e)
    {
        var told = new ObjectBuilder();
        if (e.Payload is { } payload && Parse(StorableJson.Clean(payload)) is { Kind: ValueKind.Object } raw)
        {
            foreach (var (name, value) in raw.Members)
            {
                told.Set(name, value);
            }
        }

        if (e.Fact is { } fact)
        {
            foreach (var (name, value) in Parse(StorableJson.Clean(JsonSerializer.SerializeToElement(fact, WorkflowsJson.Default.Fact))).Members)
            {
                told.Set(name, value);
            }
        }

        return told.Build();
    }

    private static Value Parse(JsonElement json) => Value.TryParse(json.GetRawText(), out var value) ? value : default;
}
