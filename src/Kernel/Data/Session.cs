using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>Somewhere statements run: the primary, a replica, or an open transaction.</summary>
public abstract class Session
{
    private protected Session() { }

    public async Task<IReadOnlyList<T>> ListAsync<T>(Sql sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var lease = await LeaseAsync(ct);
        await using var command = sql.On(lease.Connection, lease.Transaction);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            var rows = new List<T>();
            while (await reader.ReadAsync(ct))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
        catch (Exception e) when (StorageUnavailableException.IsOutage(e))
        {
            throw new StorageUnavailableException(e);
        }
    }

    public async Task<T?> FindAsync<T>(Sql sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
        where T : class
        => await ListAsync(sql, read, ct) switch
        {
            [] => null,
            [var only] => only,
            var many => throw new InvalidOperationException($"Expected at most one row, got {many.Count}."),
        };

    /// <summary>The first column of the only row.</summary>
    public async Task<T> ValueAsync<T>(Sql sql, CancellationToken ct) =>
        (await ListAsync(sql, r => r.GetFieldValue<T>(0), ct)).Single();

    /// <summary>Runs the statement and returns the number of rows it changed.</summary>
    public async Task<int> ExecuteAsync(Sql sql, CancellationToken ct)
    {
        await using var lease = await LeaseAsync(ct);
        await using var command = sql.On(lease.Connection, lease.Transaction);
        try
        {
            return await command.ExecuteNonQueryAsync(ct);
        }
        catch (Exception e) when (StorageUnavailableException.IsOutage(e))
        {
            throw new StorageUnavailableException(e);
        }
    }

    private protected abstract ValueTask<Lease> LeaseAsync(CancellationToken ct);

    private protected readonly struct Lease(NpgsqlConnection connection, NpgsqlTransaction? transaction) : IAsyncDisposable
    {
        public NpgsqlConnection Connection => connection;

        public NpgsqlTransaction? Transaction => transaction;

        /// <summary>A transaction's connection outlives the statement; a pooled one goes back.</summary>
        public ValueTask DisposeAsync() => transaction is null ? connection.DisposeAsync() : default;
    }
}

/// <summary>Statements that each take a connection of their own from a pool.</summary>
public sealed class PooledSession : Session
{
    private readonly NpgsqlDataSource _source;
    private readonly Action? _used;

    internal PooledSession(NpgsqlDataSource source, Action? used = null)
    {
        _source = source;
        _used = used;
    }

    private protected override async ValueTask<Lease> LeaseAsync(CancellationToken ct)
    {
        _used?.Invoke();
        return new Lease(await _source.OpenAsync(ct), null);
    }
}

/// <summary>
/// An open transaction. It commits when the work it was handed to returns, and rolls back when that throws.
/// </summary>
public sealed class Transaction : Session
{
    private readonly NpgsqlTransaction _transaction;

    internal Transaction(NpgsqlTransaction transaction) => _transaction = transaction;

    private protected override ValueTask<Lease> LeaseAsync(CancellationToken ct) =>
        new(new Lease(_transaction.Connection!, _transaction));
}
