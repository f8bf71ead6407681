using Microsoft.Extensions.Logging;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Router.Limits;
using Rookery.Router.Permissions;
using Rookery.Router.Registry;
using Rookery.Router.Remote;
using Rookery.Router.Telemetry;

namespace Rookery.Router.Executions;

/// <summary>Runs one command for one event: permission, limit, pending row, handler, reply, finished row.</summary>
internal sealed partial class Executor(
    PermissionTable permissions,
    Recorder recorder,
    ReplySender replies,
    RemoteCaller remote,
    RouterMetrics metrics,
    Database db,
    TimeProvider clock,
    ILogger<Executor> log)
{
    /// <param name="trigger">command, event or rule.</param>
    /// <param name="argumentText">Everything after the command's name; empty for events.</param>
    public async Task RunAsync(EventContext context, Command command, string trigger, string argumentText, CancellationToken ct)
    {
        var permission = await permissions.FindAsync(command, context.Entity);
        if (!PermissionTable.IsEnabled(command, permission))
        {
            // Off in this channel: other bots share the prefix, so nobody is told. An event trigger that is off leaves no trace.
            if (trigger != "event")
            {
                await RefuseAsync(context, Begin(context, command, trigger, argumentText), 403, "The command is not enabled in this channel.", tell: null);
            }

            return;
        }

        var execution = Begin(context, command, trigger, argumentText);
        if (trigger != "event" && !PermissionTable.Allows(command, permission, context.Member))
        {
            await RefuseAsync(context, execution, 403, "The member's role or a rule of the channel forbids it.", $"You may not use {command} here.");
            return;
        }

        if (command.RateLimit > 0 && trigger != "event")
        {
            context.Turn.Lane.Limits ??= await CallLimits.LoadAsync(db, context.Entity.Id, clock.GetUtcNow(), ct);
            if (context.Turn.Lane.Limits.TryTake(command.Id, context.Member.UserId, command.RateLimit, execution.CreatedAt) is { } wait)
            {
                await RefuseAsync(context, execution, 429, "Over the command's rate limit.", $"Slow down: {command} again in {Math.Ceiling(wait.TotalSeconds):0} s.");
                return;
            }
        }

        // Nothing to undo and nobody to send to: the finished row alone will do.
        var appendOnly = command.Spec is { Pure: true } && context.Event.ReplyPath == ReplyPath.Caller;
        if (!appendOnly)
        {
            await recorder.InsertAsync(execution);
        }

        if (command.Parallel)
        {
            context.Turn.Leave();
        }

        // What has begun is finished, even if whoever handed the event in has hung up: its row must not stay pending.
        ct = CancellationToken.None;
        await CallAsync(context, command, permission, execution, argumentText, ct);
        context.Responses.AddRange(execution.Responses);
        Conclude(context, execution);
        if (appendOnly)
        {
            await recorder.InsertAsync(execution);
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

    private async Task RefuseAsync(EventContext context, Execution execution, int status, string why, string? tell)
    {
        var responses = tell is null ? [] : ModuleResponse.Of(execution.Command.Module, Reply.Refuse(tell));
        execution.Fail(status, why, responses, clock.GetUtcNow());
        context.Responses.AddRange(responses);
        Conclude(context, execution);
        await recorder.InsertAsync(execution);
        if (context.Event.ReplyPath == ReplyPath.Sender && responses.Length > 0)
        {
            await replies.SendAsync(context, responses, execution.Id, CancellationToken.None);
        }
    }

    private async Task CallAsync(
        EventContext context, Command command, Permission? permission, Execution execution, string argumentText, CancellationToken ct)
    {
        try
        {
            if (command.IsRemote)
            {
                await remote.CallAsync(context, command, permission, execution, ct);
                return;
            }

            var reply = command switch
            {
                { Reaction: { } reaction } when execution.Trigger == "event" =>
                    RunLimitedAsync(t => reaction.RunAsync(new ReactionCall(execution.Id, context.Entity, context.Member, context.Event), t), command, ct),
                { Handler: { } handler } => StartAsync(handler, context, command, permission, execution, argumentText, ct),
                _ => throw new InvalidOperationException($"{command} names {command.LocationUrl}, which this build does not have."),
            };
            var responses = ModuleResponse.Of(command.Module, reply.IsCompletedSuccessfully ? reply.Result : await reply);
            execution.Succeed(responses, 200, clock.GetUtcNow());
        }
        catch (TimeoutException)
        {
            execution.Fail(504, $"The handler did not answer within {command.Timeout.TotalSeconds:0} s.", Sorry(command, "That took too long and was given up."), clock.GetUtcNow());
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            CommandFailed(e, command.ToString(), execution.Id);
            execution.Fail(
                e is StorageUnavailableException ? 503 : 500,
                $"{e.GetType().Name}; the log has it under {execution.Id}.",
                Sorry(command, $"That did not work. The error is in the log as {execution.Id}."),
                clock.GetUtcNow());
        }
    }

    private ValueTask<Reply> StartAsync(
        ICommand handler, EventContext context, Command command, Permission? permission, Execution execution, string argumentText, CancellationToken ct)
    {
        var call = new CommandCall
        {
            ExecutionId = execution.Id,
            Entity = context.Entity,
            Member = context.Member,
            Command = command.Name,
            Arguments = execution.Parameters,
            ArgumentText = argumentText,
            Message = context.Event.Text ?? "",
            MessageId = context.Event.MessageId,
            At = execution.CreatedAt,
            Config = permission?.Config ?? PermissionTable.NoConfig,
        };
        return command.Spec is { Pure: true } ? handler.RunAsync(call, ct) : RunLimitedAsync(t => handler.RunAsync(call, t), command, ct);
    }

    /// <summary>Stops waiting when the time is over, also for a handler that does not listen to its token.</summary>
    private async ValueTask<Reply> RunLimitedAsync(Func<CancellationToken, ValueTask<Reply>> run, Command command, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var work = run(limit.Token);
        if (work.IsCompleted)
        {
            return await work;
        }

        try
        {
            return await work.AsTask().WaitAsync(command.Timeout, clock, ct);
        }
        catch (TimeoutException)
        {
            await limit.CancelAsync();
            throw;
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

    private const int FinishAttempts = 60;

    private static ModuleResponse[] Sorry(Command command, string text) => [new(command.Module, false, "chat", ChatMessage: text)];

    private void Conclude(EventContext context, Execution execution)
    {
        metrics.Ran(execution);
        if (execution.Succeeded)
        {
            var refused = execution.Responses.Count > 0 && execution.Responses.All(r => !r.Success);
            context.Outcome = Worse(context.Outcome, refused ? Outcome.Refused : execution.Responses.Count == 0 && execution.Trigger == "event" ? context.Outcome : Outcome.Replied);
        }
        else
        {
            context.Outcome = Worse(context.Outcome, execution.ResponseStatus is 403 or 429 ? Outcome.Refused : Outcome.Failed);
            context.Error ??= execution.Error;
        }
    }

    /// <summary>The outcome of an event is that of its command; what else ran for it only fills an empty place.</summary>
    private static Outcome Worse(Outcome before, Outcome now) => before == Outcome.Ignored ? now : before;

    [LoggerMessage(LogLevel.Error, "Command {Command} failed in execution {ExecutionId}.")]
    private partial void CommandFailed(Exception exception, string command, Guid executionId);
}
