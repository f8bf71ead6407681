using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Telemetry;

namespace Rookery.Kernel.Data;

/// <summary>
/// Group commit: rows from many callers are written in one transaction, and each caller waits for the commit that
/// holds its row. A row the database refuses fails alone; its neighbours are written without it.
/// </summary>
public sealed partial class BatchWriter<T> : IAsyncDisposable
{
    private readonly Func<NpgsqlConnection, IReadOnlyList<T>, CancellationToken, Task> _flush;
    private readonly Database _db;
    private readonly ILogger _log;
    private readonly int _maxRows;
    private readonly TimeSpan _linger;
    private readonly Channel<Entry> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _loops;
    private readonly KeyValuePair<string, object?> _kind = new("row", typeof(T).Name);

    /// <param name="flush">
    /// Writes the rows with one statement or one <see cref="NpgsqlBatch"/>, which the database takes as one
    /// transaction: a single round trip that begins, writes and commits. It may read more afterwards.
    /// </param>
    /// <param name="maxRows">Rows in one transaction at most.</param>
    /// <param name="capacity">Rows waiting at most; beyond it callers are refused at once.</param>
    /// <param name="writers">
    /// Transactions under way at once. More than one overlaps the work of one with the disk wait of another.
    /// </param>
    /// <param name="linger">How long rows wait for others to be written with. For rows that nobody waits for.</param>
    public BatchWriter(
        Database db,
        Func<NpgsqlConnection, IReadOnlyList<T>, CancellationToken, Task> flush,
        ILogger log,
        int maxRows = 512,
        int capacity = 16_384,
        int writers = 1,
        TimeSpan linger = default)
    {
        _db = db;
        _flush = flush;
        _log = log;
        _maxRows = maxRows;
        _linger = linger;
        _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(capacity) { SingleReader = writers == 1 });
        _loops = [.. Enumerable.Range(0, writers).Select(_ => DrainAsync(_stop.Token))];
    }

    /// <summary>Completes when the row is committed.</summary>
    /// <exception cref="StorageUnavailableException">
    /// The database cannot be reached or is far behind; the row is not written.
    /// </exception>
    /// <exception cref="PostgresException">The database refuses this row.</exception>
    /// <exception cref="ArgumentException">
    /// The row cannot be sent, such as a text with half of a surrogate pair.
    /// </exception>
    public Task WriteAsync(T row)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.Writer.TryWrite(new Entry(row, done))
            ? done.Task
            : Task.FromException(
                new StorageUnavailableException(new InvalidOperationException("The write queue is full.")));
    }

    /// <summary>
    /// Queues a row that nobody waits for. It is lost when the process ends before it is written, and when it cannot be
    /// written, which the log says.
    /// </summary>
    /// <returns>False when too many wait already; the row is not taken.</returns>
    public bool TryAdd(T row) => _queue.Writer.TryWrite(new Entry(row, null));

    /// <summary>Writes what is queued, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        _stop.CancelAfter(TimeSpan.FromSeconds(3));
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    private async Task DrainAsync(CancellationToken ct)
    {
        await Task.Yield();
        await using var link = new Link(_db);
        var entries = new List<Entry>(_maxRows);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (_linger > TimeSpan.Zero && _queue.Reader.Count < _maxRows)
            {
                await Task.Delay(_linger, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            while (entries.Count < _maxRows && _queue.Reader.TryRead(out var entry))
            {
                entries.Add(entry);
            }

            if (entries.Count > 0)
            {
                await FlushAsync(link, entries, ct);
                entries.Clear();
            }
        }
    }

    private async Task FlushAsync(Link link, IReadOnlyList<Entry> entries, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var connection = await link.OpenAsync(ct);
            await _flush(connection, new Rows(entries), ct);
            Metrics.BatchRows.Record(entries.Count, _kind);
            Metrics.BatchDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, _kind);
        }
        catch (Exception e) when (
            e is not (StorageUnavailableException or OperationCanceledException) && !StorageUnavailableException.IsOutage(e))
        {
            link.IsInDoubt = true;
            await RetryHalvesAsync(link, entries, e, ct);
            return;
        }
        catch (Exception e)
        {
            FlushFailed(e, entries.Count);
            var outage = e as StorageUnavailableException ?? new StorageUnavailableException(e);
            foreach (var entry in entries)
            {
                entry.Done?.TrySetException(outage);
            }

            return;
        }

        foreach (var entry in entries)
        {
            entry.Done?.TrySetResult();
        }
    }

    /// <summary>
    /// Halves until the refused row stands alone: at most 2·log2(n) more transactions for one bad row.
    /// </summary>
    private async Task RetryHalvesAsync(Link link, IReadOnlyList<Entry> entries, Exception cause, CancellationToken ct)
    {
        if (entries.Count == 1)
        {
            RowRefused(cause, typeof(T).Name);
            entries[0].Done?.TrySetException(cause);
            return;
        }

        var half = entries.Count / 2;
        await FlushAsync(link, [.. entries.Take(half)], ct);
        await FlushAsync(link, [.. entries.Skip(half)], ct);
    }

    [LoggerMessage(LogLevel.Warning, "{Rows} rows could not be written: the database cannot be reached.")]
    private partial void FlushFailed(Exception exception, int rows);

    [LoggerMessage(LogLevel.Error, "The database refused a {Row}.")]
    private partial void RowRefused(Exception exception, string row);

    /// <summary>
    /// The writer's own connection, kept open so that its statements stay prepared. Their plans are made once, perhaps
    /// while the tables are empty, and must hold when they are full: so keys are always looked up by index, one by one.
    /// </summary>
    private sealed class Link(Database db) : IAsyncDisposable
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
                "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off",
                _connection);
            await plans.ExecuteNonQueryAsync(ct);
            return _connection;
        }

        public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? default;
    }

    /// <param name="Done">Null: nobody waits.</param>
    private sealed record Entry(T Row, TaskCompletionSource? Done);

    /// <summary>The entries seen as their rows, without copying.</summary>
    private sealed class Rows(IReadOnlyList<Entry> entries) : IReadOnlyList<T>
    {
        public int Count => entries.Count;

        public T this[int index] => entries[index].Row;

        public IEnumerator<T> GetEnumerator() => entries.Select(e => e.Row).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
