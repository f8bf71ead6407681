using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Triggers;

/// <summary>Until when commands of workflows rest: the same on every node and after a restart.</summary>
internal sealed class Cooldowns(Database db, TimeProvider clock)
{
    /// <summary>Begins the rests of a command when none is under way; then nobody else can.</summary>
    /// <returns>Null when it may go; else how long until the next may.</returns>
    public async Task<TimeSpan?> TakeAsync(Guid workflow, CommandTrigger trigger, Member member, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        (string Who, int Seconds)[] rests = [("", trigger.CooldownSeconds), (member.Key, trigger.UserCooldownSeconds)];
        rests = [.. rests.Where(r => r.Seconds > 0)];
        return rests.Length == 0 ? null : await db.TransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended({workflow.ToString()}, 202))", ct);
                var until = await transaction.ValueAsync<DateTimeOffset?>(
                    $"""
                    select max(until) from workflows.workflow_cooldowns
                    where workflow_id = {workflow} and who = any({rests.Select(r => r.Who).ToArray()}) and until > {now}
                    """,
                    ct);
                if (until is null)
                {
                    await transaction.ExecuteAsync(
                        $"""
                        insert into workflows.workflow_cooldowns (workflow_id, who, until)
                        select {workflow}, who, until
                        from unnest({rests.Select(r => r.Who).ToArray()}, {rests.Select(r => now.AddSeconds(r.Seconds)).ToArray()}) as r (who, until)
                        on conflict (workflow_id, who) do update set until = excluded.until
                        """,
                        ct);
                }

                return until - now;
            },
            ct);
    }
}
