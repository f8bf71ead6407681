using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Router.Limits;
using Rookery.Router.Permissions;
using Rookery.Router.Registry;
using Rookery.Router.Responses;
using Rookery.Router.Telemetry;

namespace Rookery.Router.Executions;

/// <summary>Runs one command for one event: permission, limit, pending row, handler, reply, finished row.</summary>
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
    private const int FinishAttempts = 60;

    /// <param name="trigger">command or rule.</param>
    /// <param name="argumentText">Everything after the command's name.</param>
    public async Task RunAsync(
        EventContext context, Command command, string trigger, string argumentText, CancellationToken ct)
    {
        if (await AdmitAsync(context, command, trigger, argumentText, ct) is { } run)
        {
            await RunAsync(context, [run], ct);
        }
    }

    /// <summary>
    /// Runs the reactions to an event: the ordered ones one after another, then the parallel ones together. One that fails
    /// stops no other.
    /// </summary>
    public async Task ReactAsync(EventContext context, IReadOnlyList<Command> commands, CancellationToken ct)
    {
        var runs = new List<Run>(commands.Count);
        foreach (var command in commands)
        {
            if (await AdmitAsync(context, command, "event", "", ct) is { } run)
            {
                runs.Add(run);
            }
        }

        await RunAsync(context, runs, ct);
    }

    /// <returns>Null: it does not run, and whoever is to know was told.</returns>
    private async Task<Run?> AdmitAsync(
        EventContext context, Command command, string trigger, string argumentText, CancellationToken ct)
    {
        var permission = await permissions.FindAsync(command, context.Entity, ct);
        if (!PermissionTable.IsEnabled(command, permission))
        {
            // Off in this channel: other bots share the prefix, so nobody is told. An event trigger that is off leaves
            // no trace.
            if (trigger != "event")
            {
                var refused = new Refusal(403, "The command is not enabled in this channel.", Tell: null);
                await RefuseAsync(context, Begin(context, command, trigger, argumentText), refused);
            }

            return null;
        }

        var execution = Begin(context, command, trigger, argumentText);
        if (trigger != "event" && await CheckAsync(context, command, permission, execution, ct) is { } refusal)
        {
            await RefuseAsync(context, execution, refusal);
            return null;
        }

        return new Run(execution, permission, argumentText);
    }

    /// <summary>All are written with the event's claim before the first one runs: none is lost without a trace.</summary>
    private async Task RunAsync(EventContext context, IReadOnlyList<Run> runs, CancellationToken ct)
    {
        // Nothing to undo and nobody to send to: the finished row alone will do.
        var appendOnly = context.Event.ReplyPath == ReplyPath.Caller && runs is [{ Execution.Command.Spec: { Pure: true } }];
        if (!appendOnly)
        {
            foreach (var run in runs)
            {
                await handles.KeepAsync(run.Execution, ct);
            }

            await recorder.InsertAsync(context, [.. runs.Select(r => r.Execution)]);
        }

        foreach (var run in runs.Where(r => !r.Execution.Command.Parallel))
        {
            await CompleteAsync(context, run, appendOnly);
        }

        if (runs.Any(r => r.Execution.Command.Parallel))
        {
            context.Turn.Leave();
            await Task.WhenAll(runs.Where(r => r.Execution.Command.Parallel).Select(r => CompleteAsync(context, r, appendOnly)));
        }
    }

    private async Task CompleteAsync(EventContext context, Run run, bool appendOnly)
    {
        // Even if whoever handed the event in has hung up: its row must not stay pending.
        var ct = CancellationToken.None;
        var execution = run.Execution;
        execution.StartedAt = clock.GetUtcNow();
        await handlers.CallAsync(context, execution.Command, run.Permission, execution, run.ArgumentText, ct);
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
        }

        await FinishAsync(execution);
    }

    private Execution Begin(EventContext context, Command command, string trigger, string argumentText)
    {
        var words = argumentText.Length == 0 ? [] : CommandLine.Split(argumentText);
        var execution = Execution.Start(context, command, trigger, words, context.Event.Text, clock.GetUtcNow());
        context.First ??= execution;
        return execution;
    }

    private async ValueTask<Refusal?> CheckAsync(
        EventContext context, Command command, Permission? permission, Execution execution, CancellationToken ct)
    {
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

    private async Task RefuseAsync(EventContext context, Execution execution, Refusal refusal)
    {
        var responses = refusal.Tell is { } text ? ModuleResponse.Of(execution.Command.Module, Reply.Refuse(text)) : [];
        execution.Fail(refusal.Status, refusal.Why, responses, clock.GetUtcNow());
        context.Add(responses);
        Conclude(context, execution);
        await recorder.InsertAsync(context, [execution]);
        if (context.Event.ReplyPath == ReplyPath.Sender && responses.Length > 0)
        {
            await replies.SendAsync(context, responses, execution.Id, CancellationToken.None);
        }
    }

    /// <summary>
    /// The handler has run, so this row must not be lost while the process lives: waits out an outage of the database.
    /// </summary>
    private async Task FinishAsync(Execution execution)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await recorder.FinishAsync(execution);
                return;
            }
            catch (StorageUnavailableException) when (attempt < FinishAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 * Math.Min(10, attempt + 1)), clock);
            }
        }
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

    /// <summary>A command that may run.</summary>
    private sealed record Run(Execution Execution, Permission? Permission, string ArgumentText);

    /// <param name="Why">For the row.</param>
    /// <param name="Tell">For the member; null: nothing is said.</param>
    private sealed record Refusal(int Status, string Why, string? Tell);
}
