using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>
/// What came over a socket, EventSub's or IRC's, and is not stored yet. A socket's events come once, so one that cannot be stored now is kept until
/// it can; when too many wait, the socket is not read.
/// </summary>
internal sealed partial class TakenEvents(TimeProvider clock, ILogger log)
{
    private const int MostUnderWay = 256;
    private static readonly TimeSpan StorageRetry = TimeSpan.FromSeconds(1);

    private readonly List<Task> _underWay = [];

    /// <param name="what">Its name in the log.</param>
    /// <param name="store">Stores it; begins before this first waits, so that events keep their order.</param>
    public async Task AddAsync(string what, Func<Task> store, CancellationToken ct)
    {
        _underWay.RemoveAll(t => t.IsCompleted);
        if (_underWay.Count >= MostUnderWay)
        {
            await Task.WhenAny(_underWay).WaitAsync(ct);
        }

        _underWay.Add(StoreAsync(what, store, ct));
    }

    /// <summary>Waits until what was added is stored, or its own token ended it.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        await Task.WhenAll(_underWay).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _underWay.Clear();
    }

    private async Task StoreAsync(string what, Func<Task> store, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await store();
                return;
            }
            catch (JsonException e)
            {
                NotUnderstood(what, e.Message);
                return;
            }
            catch (StorageUnavailableException)
            {
                await Task.Delay(StorageRetry, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{What} was not understood: {Reason}")]
    private partial void NotUnderstood(string what, string reason);
}
