using System.Data;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// The one way to PostgreSQL: <see cref="Write"/> goes to the primary, <see cref="Read"/> to a replica where there is
/// one.
/// </summary>
public sealed class Database
{
    /// <summary>Remembers, for the length of one request, that it wrote, so that it reads its own writes.</summary>
    private static readonly AsyncLocal<RequestScope?> Current = new();

    private readonly NpgsqlDataSource _primary;
    private readonly PooledSession _replica;

    public Database(NpgsqlDataSource primary, NpgsqlDataSource? replica = null)
    {
        _primary = primary;
        Write = new PooledSession(primary, replica is null ? null : MarkWritten);
        _replica = replica is null ? Write : new PooledSession(replica);
    }

    public PooledSession Write { get; }

    /// <summary>May lag behind by what the replica lags, except for a request's own writes.</summary>
    public PooledSession Read => Current.Value is { Wrote: true } ? Write : _replica;

    /// <summary>
    /// Opens the scope in which <see cref="Read"/> sees what <see cref="Write"/> wrote. The HTTP edge and the router
    /// open it; one inside another belongs to the outer.
    /// </summary>
    public IDisposable BeginRequest() =>
        ReferenceEquals(Write, _replica) || Current.Value is not null ? InnerScope.Instance : Current.Value = new RequestScope();

    /// <summary>Runs the work in one transaction on the primary and commits it.</summary>
    public async Task<T> TransactionAsync<T>(Func<Transaction, Task<T>> work, CancellationToken ct)
    {
        MarkWritten();
        await using var connection = await _primary.OpenAsync(ct);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
            var result = await work(new Transaction(transaction));
            await transaction.CommitAsync(ct);
            return result;
        }
        catch (Exception e) when (StorageUnavailableException.IsOutage(e))
        {
            throw new StorageUnavailableException(e);
        }
    }

    /// <inheritdoc cref="TransactionAsync{T}"/>
    public Task TransactionAsync(Func<Transaction, Task> work, CancellationToken ct) =>
        TransactionAsync(
            async transaction =>
            {
                await work(transaction);
                return true;
            },
            ct);

    /// <summary>A connection of the primary for the hot path, which batches and prepares its own commands.</summary>
    /// <exception cref="StorageUnavailableException">The database cannot be reached.</exception>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken ct) => _primary.OpenAsync(ct);

    private static void MarkWritten()
    {
        if (Current.Value is { } scope)
        {
            scope.Wrote = true;
        }
    }

    private sealed class RequestScope : IDisposable
    {
        public bool Wrote { get; set; }

        public void Dispose() => Current.Value = null;
    }

    private sealed class InnerScope : IDisposable
    {
        public static InnerScope Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
