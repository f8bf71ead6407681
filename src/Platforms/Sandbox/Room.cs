using System.Text.Json;

namespace Rookery.Platforms.Sandbox;

/// <summary>A change as it goes over the wire.</summary>
internal sealed record Change(long Position, byte[] Frame);

/// <summary>
/// One channel with followers. What changed is read and written as JSON once for all who are equally far; the database
/// is the queue, so a slow follower costs no memory.
/// </summary>
internal sealed class Room(string channel, SandboxStore store) : IDisposable
{
    private const int PageSize = 100;

    private readonly SemaphoreSlim _reading = new(1, 1);
    private IReadOnlyList<Change> _page = [];
    private long _pageAfter = long.MaxValue;
    private int _pageVersion;
    private int _version;

    public string Channel => channel;

    /// <summary>Guarded by the hub.</summary>
    public HashSet<Follower> Followers { get; } = [];

    /// <summary>Something was said or deleted: what is known of the end is old.</summary>
    public void Touch() => Interlocked.Increment(ref _version);

    /// <summary>The next changes after a position, in order; none when there are none yet.</summary>
    public async ValueTask<IReadOnlyList<Change>> AfterAsync(long position, CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            var version = Volatile.Read(ref _version);
            var known = version == _pageVersion && position >= _pageAfter
                ? _page.Where(c => c.Position > position).ToList()
                : null;
            if (known is { Count: > 0 } || (known is not null && _page.Count < PageSize))
            {
                return known;
            }

            var rows = await store.ChangesAsync(channel, position, PageSize, ct);
            (_page, _pageAfter, _pageVersion) = ([.. rows.Select(ToChange)], position, version);
            return _page;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private static Change ToChange(SandboxMessage message) =>
        new(
            message.Position,
            JsonSerializer.SerializeToUtf8Bytes(new MessageFrame(message), SandboxJson.Default.MessageFrame));
}
