using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Kernel.Coordination;

/// <summary>
/// Claims this node's share of the rows, checks in for them, gives back what is more than its share, and tells the platforms
/// what they won and lost.
/// </summary>
internal sealed partial class ClaimKeeper(
    Claims claims, Collectors collectors, IOptions<CoordinationOptions> options, TimeProvider clock, ILogger<ClaimKeeper> log,
    Func<double>? jitter = null) : IRungJob, IHostedService
{
    private readonly Func<double> _jitter = jitter ?? Random.Shared.NextDouble;
    private DateTimeOffset _activityAt;

    public TimeSpan Period => options.Value.Period;

    public Bell Bell => claims.Bell;

    public async ValueTask RunAsync(CancellationToken ct)
    {
        // First what needs no database: while it is away, claims run out here.
        await EndAsync(claims.All.Where(c => !c.IsHeld), ct);
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
            await ReleaseAsync([.. claims.All], cancellationToken);
            await collectors.EndAsync(cancellationToken);
        }
        catch (StorageUnavailableException e)
        {
            NotReleased(e.Message);
        }
    }

    /// <summary>One job at a time calls this and <see cref="RunAsync"/>; nothing else changes what is held.</summary>
    private async Task EndAsync(IEnumerable<Claim> over, CancellationToken ct)
    {
        foreach (var claim in over.ToList())
        {
            claim.Lose();
            await StopAsync(claim, ct);
            if (claim.Failure is { } why)
            {
                Failed(claim.EntityId, why);
                collectors.Failed(claim.Platform);
                await claims.Store.FailAsync(claim.Token, why, _jitter(), ct);
            }
            else
            {
                Lost(claim.EntityId);
            }
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

        await EndAsync(asked.Where(c => !c.IsHeld), ct);
    }

    private async ValueTask<string?> NoteAsync(Claim claim, CancellationToken ct)
    {
        try
        {
            return await claims.ClaimantOf(claim).NoteAsync(claim, ct);
        }
        catch (Exception e) when (e is not (StorageUnavailableException or OperationCanceledException))
        {
            WorkFailed(e, claim.EntityId);
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
            // The latest claimed go first: what has been here longest stays.
            await ReleaseAsync([.. mine.OrderByDescending(c => c.Token).Take(mine.Count - most)], ct);
        }
        else if (mine.Count < most)
        {
            var askedAt = clock.GetTimestamp();
            var won = await claims.Store.ClaimAsync(claimant.Platform, most - mine.Count, [.. mine.Select(c => c.Token)], ct);
            foreach (var row in won.OrderBy(r => r.Token))
            {
                await StartAsync(claimant, row, askedAt, ct);
            }
        }
    }

    private async Task StartAsync(IClaimant claimant, ClaimRow row, long askedAt, CancellationToken ct)
    {
        var late = row.HeartbeatInterval * ClaimStore.Late;
        var lease = late > options.Value.Silence ? late : options.Value.Silence;
        var claim = new Claim(row, lease < options.Value.ClaimFor ? lease : options.Value.ClaimFor, askedAt, clock, Bell.Ring);
        if (claims.Put(claim) is { } before)
        {
            // A row that was taken from ourselves, because nothing was heard for too long, is begun anew.
            before.Lose();
            await StopAsync(before, ct);
        }

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
            claim.Dispose();
        }
    }

    /// <summary>The work ends first, then the row is given back with what it takes to go on.</summary>
    private async Task ReleaseAsync(IReadOnlyList<Claim> given, CancellationToken ct)
    {
        var news = await Task.WhenAll(
            given.Select(async claim => new ClaimNews(claim.Token, await StopAsync(claim, ct))));
        if (news.Length > 0)
        {
            await claims.Store.ReleaseAsync(news, ct);
            Released(news.Length);
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

    [LoggerMessage(LogLevel.Warning, "The claims could not be given back ({Reason}); others take them all the same.")]
    private partial void NotReleased(string reason);

    [LoggerMessage(LogLevel.Error, "The work for {Entity} does not end or note as it should.")]
    private partial void WorkFailed(Exception exception, string entity);
}
