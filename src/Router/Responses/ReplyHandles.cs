using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Router.Executions;

namespace Rookery.Router.Responses;

/// <summary>Keeps where the late answers of a remote module belong, longer than any platform takes them there.</summary>
internal sealed class ReplyHandles(Database db)
{
    public const int KeepDays = 1;

    /// <summary>Before the module is called: it may answer at any time from then on.</summary>
    public async Task KeepAsync(Execution execution, CancellationToken ct)
    {
        if (execution.Context.Event is { ReplyPath: ReplyPath.Sender, ReplyHandle: { } handle } && execution.Command.IsRemote)
        {
            await db.Write.ExecuteAsync(
                $"""
                insert into router.reply_handles (execution_id, reply_handle, created_at)
                values ({execution.Id}, {handle}, {execution.CreatedAt})
                """,
                ct);
        }
    }
}
