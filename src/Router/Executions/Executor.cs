using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Router.Limits;
using Rookery.Router.Permissions;
using Rookery.Router.Registry;
using Rookery.Router.Responses;
using Rookery.Router.Telemetry;

namespace Rookery.Router.Executions;

/// <summary>Runs what an event calls: permission, limit, pending row, handler, reply, finished row.</summary>
internal sealed class Executor(
    PermissionTable permissions,
    Recorder recorder,
    ReplySender replies,
    HandlerCaller handlers,
    ReplyHandles handles,
    RouterMetrics metrics,
    Database db,
    TimeProvider clock)
{
    /// <summary>Begins a command, if it may run here and now; refused is begun, too, and ends at once.</summary>
    /// <param name="trigger">command, event or rule.</param>
    /// <param name="argumentText">Everything after the command's name; empty for events.</param>
    /// <returns>Null: a reaction that is off here, which leaves no trace.</returns>
    public async Task<Run?> AdmitAsync(
        EventContext context, Command command, string trigger, string argumentText, CancellationToken ct)
    {
        var permission = await permissions.FindAsync(command, context.Entity, ct);
        if (trigger == "event" && !PermissionTable.IsEnabled(command, permission))
        {
            return null;
        }

        var words = argumentText.Length == 0 ? [] : CommandLine.Split(argumentText);
        var execution = Execution.Start(context, command, trigger, words, context.Event.Text, clock.GetUtcNow());
        context.First ??= execution;
        if (trigger != "event" && await CheckAsync(context, command, permission, execution, ct) is { } refusal)
        {
            var told = refusal.Tell is { } text ? ModuleResponse.Of(command.Module, Reply.Refuse(text)) : [];
            execution.Fail(refusal.Status, refusal.Why, told, clock.GetUtcNow());
        }

        return new Run(execution, permission, argumentText);
    }

    /// <summary>
    /// The ordered ones one after another, then the parallel ones together; one that fails stops no other. All are written
    /// with the event's claim before the first runs, so that none is lost without a trace.
    /// </summary>
    public async Task RunAsync(EventContext context, IReadOnlyList<Run> runs, CancellationToken ct)
    {
        // Nothing to undo and nobody to send to: the finished row alone will do.
        var appendOnly = context.Event.ReplyPath == ReplyPath.Caller && runs is [{ Execution.Command.Spec: { Pure: true } }];
        if (!appendOnly)
        {
            foreach (var run in runs.Where(r => !r.IsRefused))
            {
                await handles.KeepAsync(run.Execution, ct);
            }

            await recorder.InsertAsync(context, [.. runs.Select(r => r.Execution)]);
        }

        foreach (var run in runs.Where(r => !r.IsParallel))
        {
            await CompleteAsync(context, run, appendOnly);
        }

        if (runs.Any(r => r.IsParallel))
        {
            context.Turn.Leave();
            await Task.WhenAll(runs.Where(r => r.IsParallel).Select(r => CompleteAsync(context, r, appendOnly)));
        }
    }

    private async Task CompleteAsync(EventContext context, Run run, bool appendOnly)
    {
        // Even if whoever handed the event in has hung up: its row must not stay pending.
        var ct = CancellationToken.None;
        var execution = run.Execution;
        if (!run.IsRefused)
        {
            execution.StartedAt = clock.GetUtcNow();
            await handlers.CallAsync(context, execution.Command, run.Permission, execution, run.ArgumentText, ct);
        }

        context.Add(execution.Responses);
        Conclude(context, execution);
        if (appendOnly)
        {
            await recorder.InsertAsync(context, [execution]);
            return;
        }

        if (context.Event.ReplyPath == ReplyPath.Sender)
        {
            execution.Delivery = await replies.SendAsync(context, execution.Responses, execution.Id, ct);
            context.IsAnsweredLater |= execution.Delivery == ReplySender.PutOff;
        }

        if (!run.IsRefused)
        {
            await recorder.FinishAsync(execution);
        }
    }

    private async ValueTask<Refusal?> CheckAsync(
        EventContext context, Command command, Permission? permission, Execution execution, CancellationToken ct)
    {
        if (!PermissionTable.IsEnabled(command, permission))
        {
            // Other bots share the prefix, so nobody is told.
            return new Refusal(403, "The command is not enabled in this channel.", Tell: null);
        }

        if (!PermissionTable.Allows(command, permission, context.Member))
        {
            return new Refusal(
                403, "The member's role or a rule of the channel forbids it.", $"You may not use {command} here.");
        }

        if (command.RateLimit == 0)
        {
            return null;
        }

        var lane = context.Turn.Lane;
        lane.Limits ??= await CallLimits.LoadAsync(db, context.Entity.Id, clock.GetUtcNow(), ct);
        return lane.Limits.TryTake(command.Id, context.Member.UserId, command.RateLimit, execution.CreatedAt) is { } wait
            ? new Refusal(
                429,
                "Over the command's rate limit.",
                $"Slow down: {command} again in {Math.Ceiling(wait.TotalSeconds):0} s.")
            : null;
    }

    /// <summary>
    /// The outcome of an event is that of its command; what else ran for it only fills an empty place.
    /// </summary>
    private void Conclude(EventContext context, Execution execution)
    {
        metrics.Ran(execution);
        if (context.Outcome == Outcome.Ignored)
        {
            context.Outcome = OutcomeOf(execution);
        }

        context.Error ??= execution.Error;
        context.IsAnsweredLater |= execution is { Succeeded: true, ResponseStatus: 202, Responses.Count: 0 };
    }

    private static Outcome OutcomeOf(Execution execution) => execution switch
    {
        { Succeeded: false, ResponseStatus: 403 or 429 } => Outcome.Refused,
        { Succeeded: false } => Outcome.Failed,
        { Responses.Count: 0, Trigger: "event" } => Outcome.Ignored,
        { Responses.Count: > 0 } when execution.Responses.All(r => !r.Success) => Outcome.Refused,
        _ => Outcome.Replied,
    };

    /// <param name="Why">For the row.</param>
    /// <param name="Tell">For the member; null: nothing is said.</param>
    private sealed record Refusal(int Status, string Why, string? Tell);
}

/// <summary>A command that an event called, and whether it runs.</summary>
internal sealed record Run(Execution Execution, Permission? Permission, string ArgumentText)
{
    public bool IsRefused { get; } = Execution.CompletedAt is not null;

    public bool IsParallel => Execution.Command.Parallel && !IsRefused;
}
