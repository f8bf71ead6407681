using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Settings;
using Rookery.Kernel.Telemetry;

namespace Rookery.Modules.Reputation;

/// <summary>
/// Scores what happens. Commands and everything else that is stored before it takes effect are scored before they are
/// done with; nobody waits for the points of talk, of which a crash may lose the last.
/// </summary>
internal sealed class ScoreActivities(
    ScoringStore scoring, SettingsStore settings, ScoreBook book, IOptions<ReputationOptions> options, TimeProvider clock)
    : IActivityHook
{
    private static readonly Counter<long> Lost = Metrics.Meter.CreateCounter<long>(
        "rookery_reputation_lost", description: "Lines of talk that were not scored because too many waited to be.");

    private readonly TalkTimes _talk = new();

    public async ValueTask RecordAsync(InboundEvent e, Entity entity, Member member, CancellationToken ct)
    {
        if ((e.Channel.Platform == Platform.Sandbox && !options.Value.ScoresSandbox)
            || ActivityTypes.Of(e) is not { } scored
            || e.UserId.Length == 0)
        {
            return;
        }

        var points = await scoring.PointsAsync(entity.CommunityId, scored.Type, e.Channel.Platform, ct) * scored.Times;
        if (points == 0 || !await settings.GetAsync(ReputationSettings.Enabled, entity.CommunityId, ct))
        {
            return;
        }

        var now = clock.GetUtcNow();
        if (e.Type == MessageTypes.Chat
            && await settings.GetAsync(ReputationSettings.TalkEvery, entity.CommunityId, ct) is > 0 and var seconds
            && !_talk.TryTake(entity.CommunityId, e.Channel.Platform, e.UserId, TimeSpan.FromSeconds(seconds), now))
        {
            return;
        }

        var key = e.MessageId ?? $"{Ids.New(now)}";
        var activity = new Activity(
            entity.CommunityId,
            e.Channel.Platform,
            key,
            e.StoredId ?? key,
            scored.Type.Name,
            e.UserId,
            e.UserName,
            points,
            !ActivityTypes.IsNobody(e),
            When(e.OccurredAt, now));
        if (e is { Type: MessageTypes.Chat, Text: null or [not ('!' or '#'), ..] or "" })
        {
            if (!book.TryAdd(activity))
            {
                Lost.Add(1);
            }

            return;
        }

        try
        {
            await book.AddAsync(activity);
        }
        catch (StorageUnavailableException)
        {
            // The event comes again.
            _talk.GiveBack(entity.CommunityId, e.Channel.Platform, e.UserId);
            throw;
        }
    }

    /// <summary>There is a place for what happened since yesterday; what is older, or not yet, counts as of the nearest day.</summary>
    private static DateTimeOffset When(DateTimeOffset at, DateTimeOffset now)
    {
        var yesterday = new DateTimeOffset(now.UtcDateTime.Date.AddDays(-1), TimeSpan.Zero);
        return at < yesterday ? yesterday : at > now.AddDays(1) ? now : at.ToUniversalTime();
    }
}
