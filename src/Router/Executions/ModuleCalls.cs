using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Router.Lanes;
using Rookery.Router.Registry;

namespace Rookery.Router.Executions;

/// <summary>Calls commands for whoever did not type them, the same way as typed ones: in the channel's turn and on record.</summary>
internal sealed class ModuleCalls(LaneTable lanes, CommandTable commands, Executor executor, TimeProvider clock) : IModuleCalls
{
    public async Task<ModuleCallAnswer> CallAsync(ModuleCallRequest request, CancellationToken ct)
    {
        if (commands.Find('!', request.Command) is not { } command)
        {
            return Failed("unknown_command", $"There is no command !{request.Command}.");
        }

        if (await lanes.EnterAsync(request.Entity.Channel) is not { } turn)
        {
            return Failed("busy", "Too much waits in this channel.");
        }

        try
        {
            var context = Context(request, turn);
            await RunAsync(context, command, request.Arguments, ct).WaitAsync(request.Timeout, clock, ct);
            return ToAnswer(context);
        }
        catch (TimeoutException)
        {
            return Failed("timeout", $"!{request.Command} did not answer within {request.Timeout.TotalSeconds:0} s.");
        }
        finally
        {
            turn.Leave();
            lanes.Done();
        }
    }

    private async Task RunAsync(EventContext context, Command command, string arguments, CancellationToken ct)
    {
        if (await executor.AdmitAsync(context, command, "rule", arguments, ct) is { } run)
        {
            await executor.RunAsync(context, [run], ct);
        }
    }

    private EventContext Context(ModuleCallRequest request, Turn turn)
    {
        var now = clock.GetUtcNow();
        return new EventContext
        {
            EventId = Ids.New(now),
            Event = new InboundEvent
            {
                Channel = request.Entity.Channel,
                Type = MessageTypes.SlashCommand,
                UserId = request.Member.UserId,
                UserName = request.Member.Name,
                UserRole = request.Member.Role,
                Text = $"!{request.Command} {request.Arguments}".TrimEnd(),
                OccurredAt = now,
                ReplyPath = ReplyPath.Caller,
            },
            Entity = request.Entity,
            Member = request.Member,
            Turn = turn,
        };
    }

    private static ModuleCallAnswer ToAnswer(EventContext context) => context switch
    {
        { First: null or { Succeeded: false } } => new(
            context.Responses,
            new ModuleCallError(
                context.First?.ResponseStatus switch { 403 => "forbidden", 429 => "rate_limited", 504 => "timeout", _ => "failed" },
                context.Error ?? "The command failed.")),
        _ => new(context.Responses),
    };

    private static ModuleCallAnswer Failed(string code, string message) => new([], new ModuleCallError(code, message));
}
