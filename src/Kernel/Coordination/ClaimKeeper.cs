using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Coordination;

/// <summary>
/// Claims this node's share of the rows, checks in for them and gives back what is more than its share. One job at a time
/// does this; nothing else changes what is held.
/// </summary>
internal sealed partial class ClaimKeeper(
    Claims claims, Collectors collectors, IOptions<CoordinationOptions> options, TimeProvider clock, ILogger<ClaimKeeper> log,
    Func<double>? jitter = null) : IRungJob, IHostedService
{
    private readonly ClaimedWork _work = new(claims, collectors, options, clock, log, jitter ?? Random.Shared.NextDouble);
    private DateTimeOffset _activityAt;

    public TimeSpan Period => options.Value.Period;

    public Bell Bell => claims.Bell;

    public async ValueTask RunAsync(CancellationToken ct)
    {
        // First what needs no database: while it is away, claims run out here.
        await _work.EndAsync(claims.All.Where(c => !c.IsHeld), ct);
        await CheckInAsync(ct);
        foreach (var claimant in claims.Claimants)
        {
            await collectors.BeatAsync(claimant, ct);
            await BalanceAsync(claimant, ct);
        }

        await collectors.MonitorAsync(ct);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Gives everything back, so that others need not wait.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _work.ReleaseAsync([.. claims.All], cancellationToken);
            await collectors.EndAsync(cancellationToken);
        }
        catch (StorageUnavailableException e)
        {
            NotReleased(e.Message);
        }
    }

    private async Task CheckInAsync(CancellationToken ct)
    {
        var askedAt = clock.GetTimestamp();
        var now = clock.GetUtcNow();
        var writesActivity = now >= _activityAt;
        var (asked, news) = (new List<Claim>(), new List<ClaimNews>());
        foreach (var claim in claims.All)
        {
            var note = await NoteAsync(claim, ct);
            var active = writesActivity && claim.IsActive;
            if (note is not null || active || claim.IsDue)
            {
                asked.Add(claim);
                news.Add(new ClaimNews(claim.Token, note, active));
            }
        }

        if (news.Count == 0)
        {
            return;
        }

        var holding = await claims.Store.CheckInAsync(news, ct);
        _activityAt = writesActivity ? now + Servers.ActivityEvery : _activityAt;
        foreach (var (claim, said) in asked.Zip(news))
        {
            if (holding.Contains(claim.Token))
            {
                claim.Confirm(askedAt, said.IsActive);
                if (said.IsActive || said.Metadata is null)
                {
                    collectors.Succeeded(claim.Platform);
                }
            }
            else
            {
                claim.Lose();
            }
        }

        await _work.EndAsync(asked.Where(c => !c.IsHeld), ct);
    }

    private async ValueTask<string?> NoteAsync(Claim claim, CancellationToken ct)
    {
        try
        {
            return await claims.ClaimantOf(claim).NoteAsync(claim, ct);
        }
        catch (Exception e) when (e is not (StorageUnavailableException or OperationCanceledException))
        {
            NoteFailed(e, claim.EntityId);
            return null;
        }
    }

    /// <summary>Gives back what is over the node's share, or claims up to it.</summary>
    private async Task BalanceAsync(IClaimant claimant, CancellationToken ct)
    {
        var share = await collectors.ShareAsync(claimant.Platform, ct);
        var most = options.Value.MaxClaims == 0 ? share : Math.Min(share, options.Value.MaxClaims);
        var mine = claims.Mine(claimant.Platform);
        if (mine.Count > most)
        {
            // Some may be lost already; only what is really held is given back.
            mine.ForEach(c => c.Doubt());
            await CheckInAsync(ct);
            mine = claims.Mine(claimant.Platform);
        }

        if (mine.Count > most)
        {
            var least = (await claims.Store.LeastAsync([.. mine.Select(c => c.Token)], mine.Count - most, ct)).ToHashSet();
            await _work.ReleaseAsync([.. mine.Where(c => least.Contains(c.Token))], ct);
        }
        else if (mine.Count < most)
        {
            var askedAt = clock.GetTimestamp();
            var won = await claims.Store.ClaimAsync(claimant.Platform, most - mine.Count, [.. mine.Select(c => c.Token)], ct);
            foreach (var row in won.OrderBy(r => r.Token))
            {
                await _work.StartAsync(claimant, row, askedAt, ct);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The claims could not be given back ({Reason}); others take them all the same.")]
    private partial void NotReleased(string reason);

    [LoggerMessage(LogLevel.Error, "The work for {Entity} does not note how far it is.")]
    private partial void NoteFailed(Exception exception, string entity);
}
