using System.Diagnostics.Metrics;
using Rookery.Kernel.Telemetry;

namespace Rookery.Kernel.Coordination;

/// <summary>What becomes of claims, by <see cref="Claim.Kind"/>.</summary>
internal static class ClaimMetrics
{
    private static readonly UpDownCounter<long> HeldCount = Metrics.Meter.CreateUpDownCounter<long>(
        "rookery_claims_held", description: "Claims whose work is done on this node.");

    private static readonly Counter<long> TakeoverCount = Metrics.Meter.CreateCounter<long>(
        "rookery_claim_takeovers", description: "Claims taken from a node that died or fell silent.");

    private static readonly Counter<long> LossCount = Metrics.Meter.CreateCounter<long>(
        "rookery_claim_losses", description: "Claims that ended here without being given back: lost, or failed.");

    private static readonly Counter<long> RefusalCount = Metrics.Meter.CreateCounter<long>(
        "rookery_claim_refusals", description: "Effects refused because the claim they came under was over.");

    public static void Began(Claim claim)
    {
        HeldCount.Add(1, Kind(claim));
        if (claim.Row.IsTakenOver)
        {
            TakeoverCount.Add(1, Kind(claim));
        }
    }

    public static void Ended(Claim claim) => HeldCount.Add(-1, Kind(claim));

    public static void Lost(Claim claim) => LossCount.Add(
        1, Kind(claim), new KeyValuePair<string, object?>("how", claim.Failure is null ? "lost" : "failed"));

    public static void Refused(Claim claim) => RefusalCount.Add(1, Kind(claim));

    private static KeyValuePair<string, object?> Kind(Claim claim) => new("kind", claim.Kind);
}
