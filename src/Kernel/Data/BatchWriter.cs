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
    private readonly Channel<Committed>? _committed;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _loops;
    private readonly Task _syncs;
    private NpgsqlConnection? _disk;
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
    /// <param name="syncApart">
    /// The next transaction runs while the disk still takes the last: a transaction does not wait for the disk, and callers wait
    /// for a later commit of another connection that does, with which all before it is on disk too. For what has to go one after the
    /// other, so with one writer only. Others may see a row a moment before it is durable; whoever acts on one outside commits
    /// something first.
    /// </param>
    public BatchWriter(
        Database db,
        Func<NpgsqlConnection, IReadOnlyList<T>, CancellationToken, Task> flush,
        ILogger log,
        int maxRows = 512,
        int capacity = 16_384,
        int writers = 1,
        TimeSpan linger = default,
        bool syncApart = false)
    {
        if (syncApart && writers > 1)
        {
            throw new ArgumentException("Writers that do not wait for the disk go one after the other.", nameof(writers));
        }

        _db = db;
        _flush = flush;
        _log = log;
        _maxRows = maxRows;
        _linger = linger;
        _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(capacity) { SingleReader = writers == 1 });
        _committed = syncApart ? Channel.CreateUnbounded<Committed>() : null;
        _syncs = _committed is null ? Task.CompletedTask : SyncAsync(_committed.Reader, _stop.Token);
        _loops = [.. Enumerable.Range(0, writers).Select(_ => DrainAsync(_stop.Token))];
    }

    /// <summary>Completes when the row is committed.</summary>
    /// <exception cref="StorageUnavailableException">
    /// The database cannot be reached or is far behind; the row is not written, unless that is in doubt.
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
        _committed?.Writer.Complete();
        await _syncs;
        await (_disk?.DisposeAsync() ?? default);
        _stop.Dispose();
    }

    private async Task DrainAsync(CancellationToken ct)
    {
        await Task.Yield();
        await using var link = new WriterLink(_db, isSynchronous: _committed is null);
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
                await FlushAsync(link, _committed is null ? entries : [.. entries], ct);
                entries.Clear();
            }
        }
    }

    private async Task FlushAsync(WriterLink link, IReadOnlyList<Entry> entries, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var isSent = false;
        try
        {
            if (_committed is not null && _disk is not { State: System.Data.ConnectionState.Open })
            {
                _disk = await _db.OpenAsync(ct);
            }

            var connection = await link.OpenAsync(ct);
            isSent = true;
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
            Fail(entries, e, isSent);
            return;
        }

        if (_committed is null)
        {
            Complete(entries);
        }
        else
        {
            _committed.Writer.TryWrite(new Committed(entries, _disk!));
        }
    }

    /// <summary>
    /// Brings to disk what is committed: any commit that waits for the disk takes along all that came before it. It is made on a
    /// connection that was open before: one that outlived the rows proves that the database did not crash and forget them.
    /// </summary>
    private async Task SyncAsync(ChannelReader<Committed> committed, CancellationToken ct)
    {
        var batches = new List<Committed>();
        while (await committed.WaitToReadAsync(CancellationToken.None))
        {
            while (committed.TryRead(out var batch))
            {
                batches.Add(batch);
            }

            var disk = batches[^1].Disk;
            try
            {
                await using var command = new NpgsqlCommand("select pg_logical_emit_message(true, 'rookery', '')", disk);
                await command.ExecuteNonQueryAsync(ct);
                foreach (var batch in batches)
                {
                    if (batch.Disk == disk)
                    {
                        Complete(batch.Entries);
                    }
                    else
                    {
                        Fail(batch.Entries, new InvalidOperationException("The database was lost before it said that the rows are on disk."), true);
                    }
                }
            }
            catch (Exception e)
            {
                await disk.DisposeAsync();
                batches.ForEach(b => Fail(b.Entries, e, isInDoubt: true));
            }

            batches.Clear();
        }
    }

    private static void Complete(IReadOnlyList<Entry> entries)
    {
        foreach (var entry in entries)
        {
            entry.Done?.TrySetResult();
        }
    }

    private void Fail(IReadOnlyList<Entry> entries, Exception e, bool isInDoubt)
    {
        FlushFailed(e, entries.Count);
        var outage = new StorageUnavailableException(e is StorageUnavailableException { InnerException: { } cause } ? cause : e)
        {
            IsInDoubt = isInDoubt,
        };
        foreach (var entry in entries)
        {
            entry.Done?.TrySetException(outage);
        }
    }

    /// <summary>
    /// Halves until the refused row stands alone: at most 2·log2(n) more transactions for one bad row.
    /// </summary>
    private async Task RetryHalvesAsync(WriterLink link, IReadOnlyList<Entry> entries, Exception cause, CancellationToken ct)
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

    /// <param name="Disk">Open since before the rows were written.</param>
    private sealed record Committed(IReadOnlyList<Entry> Entries, NpgsqlConnection Disk);

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
