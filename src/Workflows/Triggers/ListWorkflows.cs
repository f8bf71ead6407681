using Rookery.Kernel.Chat;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Triggers;

/// <summary>
/// Lists the commands that workflows answer to here. Calls of those are on record under this command, and a channel that has
/// it off has them off.
/// </summary>
internal sealed class ListWorkflows(TriggerTable triggers) : ICommand
{
    public ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct)
    {
        var lines = triggers.Commands(call.Entity)
            .Where(l => ((CommandTrigger)l.Trigger).MinRole <= call.Member.Role)
            .Select(l => $"!{((CommandTrigger)l.Trigger).CommandPattern} – {l.Description ?? l.Name}")
            .ToList();
        return new(lines.Count == 0
            ? Reply.Text("No workflow answers to a command here.")
            : Reply.Text($"Workflows here:\n{string.Join('\n', lines)}"));
    }
}
