using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rookery.Kernel.Coordination;

/// <summary>Begins the platforms' work for what was claimed and ends it.</summary>
internal sealed partial class ClaimedWork(
    Claims claims, Collectors collectors, IOptions<CoordinationOptions> options, TimeProvider clock, ILogger log, Func<double> jitter)
{
    /// <param name="askedAt">A time stamp of the clock from before it was claimed.</param>
    public async Task StartAsync(IClaimant claimant, ClaimRow row, long askedAt, CancellationToken ct)
    {
        var late = row.HeartbeatInterval * ClaimStore.Late;
        var lease = late > options.Value.Silence ? late : options.Value.Silence;
        var claim = new Claim(row, lease < options.Value.ClaimFor ? lease : options.Value.ClaimFor, askedAt, clock, claims.Bell.Ring);
        if (claims.Put(claim) is { } before)
        {
            // A row that was taken from ourselves, because nothing was heard for too long, is begun anew.
            before.Lose();
            await StopAsync(before, ct);
        }

        ClaimMetrics.Began(claim);
        Won(row.EntityId, row.Token);
        try
        {
            await claimant.StartAsync(claim, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            claim.Fail(e.Message);
        }
    }

    /// <summary>Ends the work for claims that are over.</summary>
    public async Task EndAsync(IEnumerable<Claim> over, CancellationToken ct)
    {
        foreach (var claim in over.ToList())
        {
            claim.Lose();
            ClaimMetrics.Lost(claim);
            await StopAsync(claim, ct);
            if (claim.Failure is { } why)
            {
                Failed(claim.EntityId, why);
                collectors.Failed(claim.Platform);
                await claims.Store.FailAsync(claim.Token, why, jitter(), ct);
            }
            else
            {
                Lost(claim.EntityId);
            }
        }
    }

    /// <summary>The work ends first, then the row is given back with what it takes to go on.</summary>
    public async Task ReleaseAsync(IReadOnlyList<Claim> given, CancellationToken ct)
    {
        var news = await Task.WhenAll(
            given.Select(async claim => new ClaimNews(claim.Token, await StopAsync(claim, ct))));
        if (news.Length > 0)
        {
            await claims.Store.ReleaseAsync(news, ct);
            Released(news.Length);
        }
    }

    private async Task<string?> StopAsync(Claim claim, CancellationToken ct)
    {
        claims.Remove(claim);
        try
        {
            return await claims.ClaimantOf(claim).StopAsync(claim, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            WorkFailed(e, claim.EntityId);
            return null;
        }
        finally
        {
            ClaimMetrics.Ended(claim);
            claim.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Information, "Claimed {Entity} with token {Token}.")]
    private partial void Won(string entity, long token);

    [LoggerMessage(LogLevel.Warning, "The claim on {Entity} was lost; nothing is done for it here any more.")]
    private partial void Lost(string entity);

    [LoggerMessage(LogLevel.Warning, "{Entity} cannot be served here: {Why} It is tried again later.")]
    private partial void Failed(string entity, string why);

    [LoggerMessage(LogLevel.Information, "Gave {Count} claims back.")]
    private partial void Released(int count);

    [LoggerMessage(LogLevel.Error, "The work for {Entity} does not end as it should.")]
    private partial void WorkFailed(Exception exception, string entity);
}
