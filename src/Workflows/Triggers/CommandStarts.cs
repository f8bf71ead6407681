using Rookery.Kernel.Chat;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Triggers;

/// <summary>Starts workflows by commands. It says nothing itself, unless it starts none: what is said is the workflow's.</summary>
internal sealed class CommandStarts(Definitions definitions, Cooldowns cooldowns, Runner runner)
{
    public async ValueTask<Reply> StartAsync(Listening listening, CommandCall call, CancellationToken ct)
    {
        var trigger = (CommandTrigger)listening.Trigger;
        if (call.ArgumentText.Length < trigger.MessageMinLength)
        {
            return Reply.Refuse($"Write at least {trigger.MessageMinLength} characters after !{call.Command}.");
        }

        if (await definitions.FindAsync(listening.WorkflowId, listening.Version, ct) is not { } workflow)
        {
            return Reply.Refuse($"!{call.Command} does not work any more: its workflow has to be published again.");
        }

        if (await cooldowns.TakeAsync(listening.WorkflowId, trigger, call.Member, ct) is { } wait)
        {
            return Reply.Refuse($"Slow down: !{call.Command} again in {Math.Ceiling(wait.TotalSeconds):0} s.");
        }

        var started = await runner.StartAsync(
            new Start(workflow, call.Entity, "command", Data(call), $"command:{call.ExecutionId:N}", call.Member.Key), CancellationToken.None);
        return started.IsRefused
            ? Reply.Refuse($"!{call.Command} is busy; try again in a moment.")
            : Reply.None;
    }

    private static Value Data(CommandCall call) => new ObjectBuilder()
        .Set("command", call.Command)
        .Set("username", call.Member.Name)
        .Set("user_id", call.Member.UserId)
        .Set("user_role", call.Member.Role.Name())
        .Set("platform", call.Entity.Channel.Platform.Name())
        .Set("channel", call.Entity.EntityId)
        .Set("message", call.Message)
        .Set("message_id", call.MessageId)
        .Set("args", Value.List([.. call.Arguments.Select(a => (Value)a)]))
        .Set("text", call.ArgumentText)
        .Build();
}
