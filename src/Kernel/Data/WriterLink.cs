using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// The writer's own connection, kept open so that its statements stay prepared. Their plans are made once, perhaps
/// while the tables are empty, and must hold when they are full: so keys are always looked up by index, one by one.
/// </summary>
/// <param name="isSynchronous">Whether a commit waits for the disk.</param>
internal sealed class WriterLink(Database db, bool isSynchronous) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>
    /// A statement was refused. If that was while it was being prepared, Npgsql takes it for prepared from then on, and
    /// misreads the next answer; so all are prepared anew.
    /// </summary>
    public bool IsInDoubt { get; set; }

    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open })
        {
            if (IsInDoubt)
            {
                _connection.UnprepareAll();
                IsInDoubt = false;
            }

            return _connection;
        }

        await DisposeAsync();
        _connection = await db.OpenAsync(ct);
        await using var plans = new NpgsqlCommand(
            $"""
            set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off;
            {(isSynchronous ? "" : "set synchronous_commit = off")}
            """,
            _connection);
        await plans.ExecuteNonQueryAsync(ct);
        return _connection;
    }

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? default;
}
