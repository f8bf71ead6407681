using System.Threading.Channels;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// A client's place in its channel's changes, instead of a queue of them: rung, it fetches on from there. So a client
/// that lags costs no memory, and one that comes back goes on where it was.
/// </summary>
internal sealed class Follower(FrameSocket frames, SandboxHub hub, SandboxStore store, TimeProvider clock)
{
    private const int MaxReplay = 500;
    private const int FirstPage = 100;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _rung =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private ClientFrame? _join;
    private Room? _room;
    private long _position;

    /// <summary>Has the follower look for changes.</summary>
    public void Ring() => _rung.Writer.TryWrite(true);

    /// <summary>Has it go to another channel, or to the same one anew. The latest call counts.</summary>
    public void Join(ClientFrame join)
    {
        Interlocked.Exchange(ref _join, join);
        Ring();
    }

    /// <summary>Sends what changed, whenever something did. The only one that moves the place.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var _ in _rung.Reader.ReadAllAsync(ct))
            {
                await LookAsync(ct);
            }
        }
        finally
        {
            if (_room is not null)
            {
                hub.Leave(this, _room);
            }
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        var join = Interlocked.Exchange(ref _join, null);
        try
        {
            if (join is not null)
            {
                await EnterAsync(join, ct);
            }

            await CatchUpAsync(ct);
        }
        catch (StorageUnavailableException)
        {
            Interlocked.CompareExchange(ref _join, join, null);
            await Task.Delay(RetryAfter, clock, ct);
            Ring();
        }
    }

    private async Task EnterAsync(ClientFrame join, CancellationToken ct)
    {
        // Entered before anything is read: what is said meanwhile rings.
        var before = _room;
        var channel = join.Channel!;
        _room = hub.Enter(this, channel);
        if (before is not null && before != _room)
        {
            hub.Leave(this, before);
        }

        var goesOn = join.After is { } after && await store.CanGoOnAsync(channel, after, MaxReplay, ct);
        var (rows, position) = goesOn ? ([], join.After!.Value) : await store.EndAsync(channel, FirstPage + 1, ct);
        var page = Page.Of(rows, FirstPage, m => m.Id);
        await frames.SendAsync(
            new JoinedFrame(channel, !goesOn, position, page.Items, page.NextCursor, join.Ref), SandboxJson.Default.JoinedFrame, ct);
        _position = position;
    }

    private async Task CatchUpAsync(CancellationToken ct)
    {
        while (_room is not null && await _room.AfterAsync(_position, ct) is { Count: > 0 } changes)
        {
            foreach (var change in changes)
            {
                await frames.SendAsync(change.Frame, ct);
                _position = change.Position;
            }
        }
    }
}
