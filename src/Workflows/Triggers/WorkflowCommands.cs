using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Triggers;

/// <summary>The commands that published workflows give to their channels.</summary>
internal sealed class WorkflowCommands(TriggerTable triggers, CommandStarts starts) : IChannelCommands
{
    public const string ListName = "workflows";

    public string Carrier => ListName;

    public ChannelCommand? Find(Entity entity, ReadOnlySpan<char> name) =>
        triggers.Command(entity, name) is { } listening ? Of(listening) : null;

    public IReadOnlyList<ChannelCommand> List(Entity entity) => [.. triggers.Commands(entity).Select(Of)];

    private ChannelCommand Of(Listening listening)
    {
        var trigger = (CommandTrigger)listening.Trigger;
        return new ChannelCommand(
            trigger.CommandPattern!, listening.Description ?? listening.Name, trigger.MinRole, trigger.Aliases, new Starter(listening, starts));
    }

    private sealed class Starter(Listening listening, CommandStarts starts) : ICommand
    {
        public ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct) => starts.StartAsync(listening, call, ct);
    }
}
