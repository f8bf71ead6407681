namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>What has to be done so that what is becomes what should be.</summary>
internal sealed record Plan(IReadOnlyList<Wanted> Create, IReadOnlyList<SubscriptionInfo> Delete)
{
    private static readonly string[] Alive = ["enabled", "webhook_callback_verification_pending"];

    /// <summary>True when Twitch sends events for it, or will.</summary>
    public static bool IsAlive(SubscriptionInfo subscription) => Alive.Contains(subscription.Status, StringComparer.Ordinal);

    /// <param name="known">All there are of this kind of transport.</param>
    /// <param name="reachesUs">Whether its events come here and not to another node's socket or an old address.</param>
    /// <param name="isAnothers">One that is alive and is to be left alone: another node's.</param>
    public static Plan Of(
        IReadOnlyList<Wanted> should,
        IReadOnlyList<SubscriptionInfo> known,
        Func<SubscriptionInfo, bool> reachesUs,
        Func<SubscriptionInfo, bool> isAnothers)
    {
        var missing = should.DistinctBy(w => w.Key, StringComparer.Ordinal)
            .ToDictionary(w => w.Key, StringComparer.Ordinal);
        var strangers = new List<SubscriptionInfo>();
        foreach (var one in known)
        {
            if (IsAlive(one) && reachesUs(one) && missing.Remove(Wanted.KeyOf(one.Type, one.Version, one.Condition)))
            {
                continue;
            }

            if (!IsAlive(one) || !isAnothers(one))
            {
                strangers.Add(one);
            }
        }

        return new Plan([.. missing.Values], strangers);
    }
}
