using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Scheduling;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>
/// Looks at who is live of all who are followed: how many watch, whether a stream ended without a word, and whether one began so.
/// </summary>
internal sealed class LookAtStreams(
    BroadcastStore store, StreamWatch watch, IStreamDirectory streams, IOptions<LiveOptions> options) : IJob
{
    private const int AtOnce = 100;

    public TimeSpan Period => options.Value.LookEvery;

    public async ValueTask RunAsync(CancellationToken ct)
    {
        var all = (await watch.BroadcastersAsync(ct)).Union(await store.LiveAsync(ct), StringComparer.Ordinal);
        foreach (var some in all.Chunk(AtOnce))
        {
            if (await streams.LiveAsync(some, ct) is { } live)
            {
                await store.SeeAsync(some, live, Period, ct);
                await store.BeginUntoldAsync(live, ct);
            }
        }
    }
}
