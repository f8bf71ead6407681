using System.CommandLine;
using System.Globalization;
using Npgsql;
using Rookery.Kernel.Data;
using Spectre.Console;

namespace Rookery.Host.Cli;

/// <summary><c>rookery nodes</c>: which nodes there are, whether they live, and what they hold.</summary>
internal static class NodesCommand
{
    private static readonly Option<bool> WithClaims = new("--claims") { Description = "Shows each claim and not only how many." };

    public static Command Make()
    {
        var nodes = Verb.Make("nodes", "Shows the nodes and what each of them holds.", RunAsync);
        nodes.Add(WithClaims);
        return nodes;
    }

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken ct)
    {
        await using var database = await VerbDatabase.OpenAsync(invocation, ct);
        await database.RequireMigratedAsync(ct);
        Verb.Print(invocation.Parsed.GetValue(WithClaims) ? await ClaimsAsync(database.Db, ct) : await NodesAsync(database.Db, ct));
        return 0;
    }

    /// <summary>A last line is for what nobody holds.</summary>
    private static async Task<Table> NodesAsync(Database db, CancellationToken ct)
    {
        var table = new Table().AddColumns("node", "host", "roles", "since", "state", "claims", "live", "last check-in");
        table.Columns[0].NoWrap();
        foreach (var row in await db.Read.ListAsync(
            $"""
            with held as (
                select claimed_by, string_agg(platform || ' ' || n, ', ' order by platform) as claims, sum(live)::int as live,
                    max(last_checkin) as last_checkin
                from (
                    select claimed_by, platform, count(*) as n, count(*) filter (where is_live) as live, max(last_checkin) as last_checkin
                    from kernel.coordination group by claimed_by, platform) by_platform
                group by claimed_by)
            select coalesce(n.node_id::text, h.claimed_by, ''), coalesce(n.host, ''), coalesce(n.roles, array[]::text[]), n.started_at,
                case when n.node_id in (select a.node_id from ({Node.Alive}) a) then 'lives'
                    when n.node_id is not null or h.claimed_by is not null then 'gone' else 'held by nobody' end,
                coalesce(h.claims, ''), coalesce(h.live, 0), h.last_checkin
            from kernel.nodes n full join held h on h.claimed_by = n.node_id::text
            order by 5 desc, n.started_at
            """,
            r => new[]
            {
                r.GetString(0), r.GetString(1), string.Join(", ", r.GetFieldValue<string[]>(2)), Time(r, 3), r.GetString(4), r.GetString(5),
                r.GetInt32(6).ToString(CultureInfo.InvariantCulture), Time(r, 7),
            },
            ct))
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        return table;
    }

    private static async Task<Table> ClaimsAsync(Database db, CancellationToken ct)
    {
        var table = new Table().AddColumns("what", "node", "token", "status", "viewers", "priority", "errors", "last check-in", "last error");
        table.Columns[0].NoWrap();
        foreach (var row in await db.Read.ListAsync(
            $"""
            select entity_id, coalesce(claimed_by, ''), coalesce(fencing_token::text, ''), status, viewer_count::text, priority::text,
                error_count::text, last_checkin, coalesce(last_error, '')
            from kernel.coordination order by platform, is_live desc, priority, entity_id
            """,
            r => new[]
            {
                r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6),
                Time(r, 7), r.GetString(8),
            },
            ct))
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        return table;
    }

    private static string Time(NpgsqlDataReader r, int column) => r.IsDBNull(column)
        ? ""
        : r.GetFieldValue<DateTimeOffset>(column).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
