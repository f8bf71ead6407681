using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>Looks at streams that are live: how many watch them, and whether one ended without a word.</summary>
internal sealed class LookAtStreams(BroadcastStore store, IStreamDirectory streams, IOptions<LiveOptions> options) : IJob
{
    private const int AtOnce = 100;

    public TimeSpan Period => options.Value.LookEvery;

    public async ValueTask RunAsync(CancellationToken ct)
    {
        foreach (var some in (await store.LiveAsync(ct)).Chunk(AtOnce))
        {
            if (await streams.LiveAsync(some, ct) is { } live)
            {
                await store.SeeAsync(some, live, Period, ct);
            }
        }
    }
}
