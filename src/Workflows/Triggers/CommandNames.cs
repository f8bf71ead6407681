using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Triggers;

/// <summary>Tells before a workflow is published which of its words others answer to.</summary>
internal sealed class CommandNames(ICommandList commands, TriggerTable triggers, EntityDirectory entities)
{
    /// <summary>A word of a built-in command would never start it: an error. One of another workflow may be meant: a warning.</summary>
    /// <param name="workflow">The one to be published.</param>
    /// <param name="entityId">Its channel.</param>
    public async Task<IReadOnlyList<Finding>> CheckAsync(Guid workflow, string entityId, Graph graph, CancellationToken ct)
    {
        if (graph.TriggerNode is not CommandTrigger trigger || await entities.FindByEntityIdAsync(entityId, ct) is not { } channel)
        {
            return [];
        }

        var findings = new Findings();
        foreach (var word in trigger.Aliases.Prepend(trigger.CommandPattern!))
        {
            var field = word == trigger.CommandPattern ? "command_pattern" : "aliases";
            if (commands.Typed.FirstOrDefault(c => c.Prefix == '!' && Names(c, word)) is { } builtIn)
            {
                findings.Error("command_taken", $"!{word} belongs to the command !{builtIn.Name}, which answers first; take another word.", graph.Trigger.Key, field);
            }
            else if (triggers.Command(channel, word) is { } other && other.WorkflowId != workflow)
            {
                findings.Warn("command_shared", $"!{word} also starts the workflow \"{other.Name}\"; the older of the two answers.", graph.Trigger.Key, field);
            }
        }

        return findings.All;
    }

    private static bool Names(ListedCommand command, string word) =>
        command.Name.Equals(word, StringComparison.OrdinalIgnoreCase) || command.Aliases.Contains(word, StringComparer.OrdinalIgnoreCase);
}
