using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Modules.Moderation;

/// <summary>
/// Appends matches, those of many messages in one transaction; <see cref="FoldMatches"/> adds them up.
/// </summary>
internal sealed class MatchCounts : IAsyncDisposable
{
    private readonly BatchWriter<(long Rule, DateTimeOffset At)> _writer;

    public MatchCounts(Database db, ILogger<MatchCounts> log) => _writer = new(db, FlushAsync, log);

    /// <summary>Completes when the match is committed.</summary>
    public Task AddAsync(long rule, DateTimeOffset at) => _writer.WriteAsync((rule, at));

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static async Task FlushAsync(
        NpgsqlConnection connection, IReadOnlyList<(long Rule, DateTimeOffset At)> matches, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into moderation.match_deltas (rule_id, matches, last_matched)
            select rule_id, count(*), max(at) from unnest($1::bigint[], $2::timestamptz[]) as m (rule_id, at) group by 1
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long[]> { TypedValue = [.. matches.Select(m => m.Rule)] },
                new NpgsqlParameter<DateTimeOffset[]> { TypedValue = [.. matches.Select(m => m.At)] },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }
}
