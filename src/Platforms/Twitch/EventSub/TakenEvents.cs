using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>
/// What came over a socket and is not stored yet. A socket's events come once, so one that cannot be stored now is kept until
/// it can; when too many wait, the socket is not read.
/// </summary>
internal sealed partial class TakenEvents(EventIntake intake, TimeProvider clock, ILogger log)
{
    private const int MostUnderWay = 256;
    private static readonly TimeSpan StorageRetry = TimeSpan.FromSeconds(1);

    private readonly List<Task> _underWay = [];

    public async Task AddAsync(Step.Take take, CancellationToken ct)
    {
        _underWay.RemoveAll(t => t.IsCompleted);
        if (_underWay.Count >= MostUnderWay)
        {
            await Task.WhenAny(_underWay).WaitAsync(ct);
        }

        _underWay.Add(StoreAsync(take, ct));
    }

    /// <summary>Waits until what was added is stored, or its own token ended it.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        await Task.WhenAll(_underWay).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _underWay.Clear();
    }

    private async Task StoreAsync(Step.Take take, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await intake.AcceptAsync(take.MessageId, take.Body, overSocket: true, CancellationToken.None);
                return;
            }
            catch (JsonException e)
            {
                NotUnderstood(take.MessageId, e.Message);
                return;
            }
            catch (StorageUnavailableException)
            {
                await Task.Delay(StorageRetry, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The notification {Message} of EventSub was not understood: {Reason}")]
    private partial void NotUnderstood(string message, string reason);
}
