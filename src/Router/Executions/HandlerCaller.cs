using Microsoft.Extensions.Logging;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Router.Permissions;
using Rookery.Router.Registry;
using Rookery.Router.Remote;

namespace Rookery.Router.Executions;

/// <summary>
/// Calls what a command names, in this process or elsewhere, within its time, and notes in the execution what came of it.
/// </summary>
internal sealed partial class HandlerCaller(RemoteCaller remote, TimeProvider clock, ILogger<HandlerCaller> log)
{
    public async Task CallAsync(
        EventContext context,
        Command command,
        Permission? permission,
        Execution execution,
        string argumentText,
        CancellationToken ct)
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
                    StartAsync(reaction, context, command, execution, ct),
                { Handler: { } handler } =>
                    StartAsync(handler, context, command, permission, execution, argumentText, ct),
                _ => throw new InvalidOperationException(
                    $"{command} names {command.LocationUrl}, which this build does not have."),
            };
            var responses = ModuleResponse.Of(
                command.Module, reply.IsCompletedSuccessfully ? reply.Result : await reply);
            execution.Succeed(responses, 200, clock.GetUtcNow());
        }
        catch (TimeoutException)
        {
            execution.Fail(
                504,
                $"The handler did not answer within {command.Timeout.TotalSeconds:0} s.",
                Sorry(command, "That took too long and was given up."),
                clock.GetUtcNow());
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
        IReaction reaction, EventContext context, Command command, Execution execution, CancellationToken ct)
    {
        var call = new ReactionCall(execution.Id, context.Entity, context.Member, context.Event);
        return RunLimitedAsync(t => reaction.RunAsync(call, t), command, ct);
    }

    private ValueTask<Reply> StartAsync(
        ICommand handler,
        EventContext context,
        Command command,
        Permission? permission,
        Execution execution,
        string argumentText,
        CancellationToken ct)
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
        return command.Spec is { Pure: true }
            ? handler.RunAsync(call, ct)
            : RunLimitedAsync(t => handler.RunAsync(call, t), command, ct);
    }

    /// <summary>Stops waiting when the time is over, also for a handler that does not listen to its token.</summary>
    private async ValueTask<Reply> RunLimitedAsync(
        Func<CancellationToken, ValueTask<Reply>> run, Command command, CancellationToken ct)
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

    private static ModuleResponse[] Sorry(Command command, string text) =>
        [new(command.Module, false, "chat", ChatMessage: text)];

    [LoggerMessage(LogLevel.Error, "Command {Command} failed in execution {ExecutionId}.")]
    private partial void CommandFailed(Exception exception, string command, Guid executionId);
}
