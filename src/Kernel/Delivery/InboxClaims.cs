using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Delivery;

/// <summary>
/// Claims written together, as one statement of the caller's batch. What the batch writes for an event is to be written
/// only where the claim holds, that is where <c>kernel.inbox</c> has the key on <see cref="Today"/> with the same
/// event_id. Two claims of one event: one of them holds.
/// </summary>
public sealed class InboxClaims
{
    private readonly IReadOnlyList<InboxClaim> _claims;
    private readonly long[] _fences;

    public InboxClaims(IReadOnlyList<InboxClaim> claims)
    {
        _claims = claims;
        _fences = [.. claims.Where(c => c.Fence is not null).Select(c => c.Fence!.Value).Distinct()];
        Keys = new string[claims.Count];
        for (var i = 0; i < claims.Count; i++)
        {
            Keys[i] = claims[i].Key;
            Today = Day(claims[i].At) is var day && day > Today ? day : Today;
        }
    }

    public bool Any => _claims.Count > 0;

    public string[] Keys { get; }

    /// <summary>The day under which new claims are kept.</summary>
    public DateOnly Today { get; }

    /// <summary>The statement; its result is for <see cref="ReadAsync"/>.</summary>
    public NpgsqlBatchCommand Command() => new(
        // Inserted in the order of their keys, so that two transactions with the same events never wait for each other.
        // The rows of the tokens are locked until the commit: who takes a claim over meanwhile waits, or was first and is
        // seen. They are locked in the order of their tokens, as by everybody who writes several of them.
        """
        with earlier as materialized (
            select event_key from kernel.inbox where event_key = any($1) and received_on >= $3 and received_on < $4),
        held as materialized (
            select c.fencing_token from kernel.coordination c where c.fencing_token = any($6) order by c.fencing_token for share)
        insert into kernel.inbox (received_on, event_key, event_id)
        select $4, n.event_key, n.event_id
        from (
            select unnest($1) as event_key, unnest($2) as event_id, unnest($5) as fence) n
        where n.event_key not in (select event_key from earlier)
          and (n.fence is null or n.fence in (select fencing_token from held))
        order by n.event_key
        on conflict do nothing
        returning event_id
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<string[]> { TypedValue = Keys },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. _claims.Select(c => c.EventId)] },
            new NpgsqlParameter<DateOnly> { TypedValue = Today.AddDays(-Inbox.WindowDays) },
            new NpgsqlParameter<DateOnly> { TypedValue = Today },
            new NpgsqlParameter<long?[]> { TypedValue = _fences.Length > 0 ? [.. _claims.Select(c => c.Fence)] : [] },
            new NpgsqlParameter<long[]> { TypedValue = _fences },
        },
    };

    /// <summary>Takes the statement's result: which claims hold.</summary>
    public async Task ReadAsync(NpgsqlDataReader reader, CancellationToken ct)
    {
        var holding = new HashSet<Guid>(_claims.Count);
        while (await reader.ReadAsync(ct))
        {
            holding.Add(reader.GetGuid(0));
        }

        foreach (var claim in _claims)
        {
            claim.First = holding.Contains(claim.EventId) ? claim.EventId : default;
        }
    }

    /// <summary>Looks up, after the commit, whose claims hold where ours do not.</summary>
    public async Task FindHoldersAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (_claims.All(c => c.First != default))
        {
            return;
        }

        var others = _claims.Where(c => c.First == default).ToLookup(c => c.Key, StringComparer.Ordinal);
        Sql sql = $"""
            select event_key, event_id from kernel.inbox
            where event_key = any({others.Select(o => o.Key).ToArray()})
              and received_on between {Today.AddDays(-Inbox.WindowDays)} and {Today}
            """;
        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            foreach (var claim in others[reader.GetString(0)])
            {
                claim.First = reader.GetGuid(1);
            }
        }
    }

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}
