using System.Globalization;
using Rookery.Kernel.Data;

namespace Rookery.Router.Stats;

/// <summary>How one command fared; fields as in <c>command_stats</c>.</summary>
/// <param name="Command">With its prefix.</param>
/// <param name="AvgMs">Mean time of a run in milliseconds.</param>
internal sealed record CommandStat(string Command, long Ok, long Err, long TotalMs, long Count, double AvgMs);

/// <summary>Reads the counts that <see cref="Executions.UsageFold"/> keeps.</summary>
internal sealed class StatStore(Database db, TimeProvider clock)
{
    /// <summary>The row that counts all communities together.</summary>
    private const string Everywhere = "__global__";

    /// <param name="community">Null: all together.</param>
    /// <param name="days">Today and the days before it; null: since the beginning.</param>
    public Task<IReadOnlyList<CommandStat>> ListAsync(long? community, int? days, CancellationToken ct)
    {
        var guild = community?.ToString(CultureInfo.InvariantCulture) ?? Everywhere;
        if (days is null)
        {
            return db.Read.ListAsync(
                $"select command, ok, err, total_ms, count from router.command_stats where guild_id = {guild} order by count desc, command", Read, ct);
        }

        var from = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1 - days.Value);
        return db.Read.ListAsync(
            $"""
            select command, sum(ok)::bigint, sum(err)::bigint, sum(total_ms)::bigint, sum(count)::bigint
            from router.command_stats_daily where guild_id = {guild} and day >= {from}
            group by command order by sum(count) desc, command
            """,
            Read,
            ct);
    }

    private static CommandStat Read(Npgsql.NpgsqlDataReader r)
    {
        var (total, count) = (r.GetInt64(3), r.GetInt64(4));
        return new CommandStat(
            r.GetString(0),
            r.GetInt64(1),
            r.GetInt64(2),
            total,
            count,
            count == 0 ? 0 : Math.Round((double)total / count, 3));
    }
}
