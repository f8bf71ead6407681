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

    /// <summary>How the table names the event.</summary>
    public string Key { get; } = KeyOf(Platform, EventKey);

    public static string KeyOf(Platform platform, string eventKey) => $"{platform.Name()}:{eventKey}";
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

    /// <summary>Claims many in the caller's open transaction. Two claims of one event in one call: one of them holds.</summary>
    public static async Task ClaimAsync(NpgsqlConnection connection, IReadOnlyList<InboxClaim> claims, CancellationToken ct)
    {
        if (claims.Count == 0)
        {
            return;
        }

        var today = claims.Max(c => Day(c.At));

        // Inserted in the order of their keys, so that two transactions with the same events never wait for each other.
        await using var command = new NpgsqlCommand(
            """
            with earlier as materialized (
                select event_key, event_id from kernel.inbox
                where event_key = any($1) and received_on >= $3 and received_on < $4),
            mine as (
                insert into kernel.inbox (received_on, event_key, event_id)
                select $4, n.event_key, n.event_id from unnest($1, $2) as n (event_key, event_id)
                where not exists (select from earlier e where e.event_key = n.event_key)
                order by n.event_key
                on conflict do nothing
                returning event_key, event_id)
            select event_key, event_id from mine union all select event_key, event_id from earlier
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. claims.Select(c => c.Key)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. claims.Select(c => c.EventId)] },
                new NpgsqlParameter<DateOnly> { TypedValue = today.AddDays(-WindowDays) },
                new NpgsqlParameter<DateOnly> { TypedValue = today },
            },
        };
        var holders = new Dictionary<string, Guid>(claims.Count, StringComparer.Ordinal);
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                holders[reader.GetString(0)] = reader.GetGuid(1);
            }
        }

        foreach (var claim in claims)
        {
            claim.First = holders.TryGetValue(claim.Key, out var holder) ? holder : await FindAsync(connection, claim, today, ct);
        }
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <summary>Reads a claim of the same day that another transaction made.</summary>
    private static async Task<Guid> FindAsync(NpgsqlConnection connection, InboxClaim claim, DateOnly today, CancellationToken ct)
    {
        Sql sql = $"select event_id from kernel.inbox where event_key = {claim.Key} and received_on = {today}";
        await using var command = sql.On(connection);
        return (Guid)(await command.ExecuteScalarAsync(ct))!;
    }

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}
