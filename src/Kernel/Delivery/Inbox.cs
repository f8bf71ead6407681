using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Delivery;

/// <summary>One event to be claimed as seen for the first time.</summary>
/// <param name="EventKey">The platform's id of the event.</param>
/// <param name="EventId">Our id of this sight of it.</param>
public sealed record InboxClaim(Platform Platform, string EventKey, Guid EventId, DateTimeOffset At)
{
    /// <summary>After the write: the id of the first sight. Equal to <see cref="EventId"/> when this was it.</summary>
    public Guid First { get; set; }

    public bool IsFirst => First == EventId;
}

/// <summary>
/// Knows which platform events were seen, for longer than any platform retries (Slack gives up after an hour,
/// Twitch after ten minutes): the day of the claim and the <see cref="WindowDays"/> before it.
/// </summary>
public sealed class Inbox : IAsyncDisposable
{
    public const int WindowDays = 2;

    private readonly BatchWriter<InboxClaim> _writer;

    public Inbox(Database db, ILogger<Inbox> log) => _writer = new BatchWriter<InboxClaim>(db, ClaimAsync, log);

    /// <summary>Claims one event durably and tells whose claim holds.</summary>
    public async Task<InboxClaim> ClaimAsync(InboxClaim claim)
    {
        await _writer.WriteAsync(claim);
        return claim;
    }

    /// <summary>Claims many in the caller's open transaction. Two claims of one event in one call: the first holds.</summary>
    public static async Task ClaimAsync(NpgsqlConnection connection, IReadOnlyList<InboxClaim> claims, CancellationToken ct)
    {
        if (claims.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            """
            with new as (
                select * from unnest($1, $2, $3, $4) with ordinality as c (received_on, platform, event_key, event_id, n)),
            earlier as (
                select n.n, i.event_id from new n
                join kernel.inbox i on i.platform = n.platform and i.event_key = n.event_key
                    and i.received_on >= n.received_on - $5 and i.received_on < n.received_on),
            mine as (
                insert into kernel.inbox (received_on, platform, event_key, event_id)
                select distinct on (n.platform, n.event_key, n.received_on) n.received_on, n.platform, n.event_key, n.event_id
                from new n where not exists (select from earlier e where e.n = n.n)
                order by n.platform, n.event_key, n.received_on, n.n
                on conflict do nothing
                returning event_id)
            select n.n, coalesce(e.event_id, m.event_id) from new n
            left join earlier e on e.n = n.n
            left join mine m on m.event_id = n.event_id
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter<DateOnly[]> { TypedValue = [.. claims.Select(c => Day(c.At))] },
                new NpgsqlParameter<string[]> { TypedValue = [.. claims.Select(c => c.Platform.Name())] },
                new NpgsqlParameter<string[]> { TypedValue = [.. claims.Select(c => c.EventKey)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. claims.Select(c => c.EventId)] },
                new NpgsqlParameter<int> { TypedValue = WindowDays },
            },
        };
        var missed = new List<InboxClaim>();
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                var claim = claims[(int)reader.GetInt64(0) - 1];
                if (reader.IsDBNull(1))
                {
                    missed.Add(claim);
                }
                else
                {
                    claim.First = reader.GetGuid(1);
                }
            }
        }

        foreach (var claim in missed)
        {
            claim.First = await FindAsync(connection, claim, ct);
        }
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <summary>Reads a claim of the same day that a concurrent or an earlier transaction made.</summary>
    private static async Task<Guid> FindAsync(NpgsqlConnection connection, InboxClaim claim, CancellationToken ct)
    {
        Sql sql = $"""
            select event_id from kernel.inbox
            where platform = {claim.Platform.Name()} and event_key = {claim.EventKey} and received_on = {Day(claim.At)}
            """;
        await using var command = sql.On(connection);
        return (Guid)(await command.ExecuteScalarAsync(ct))!;
    }

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}
