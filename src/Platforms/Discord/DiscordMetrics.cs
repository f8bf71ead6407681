using System.Diagnostics.Metrics;
using Rookery.Kernel.Telemetry;

namespace Rookery.Platforms.Discord;

internal static class DiscordMetrics
{
    private static readonly Counter<long> LostCount = Metrics.Meter.CreateCounter<long>(
        "rookery_discord_lost_lines", description: "Lines of talk nobody looked at, because the database could not be reached.");

    private static readonly Counter<long> InteractionCount = Metrics.Meter.CreateCounter<long>(
        "rookery_discord_interactions",
        description: "Answers to interactions, by what became of them: answered, put_off, not_put_off, in_channel or given_up.");

    private static readonly Counter<long> RefusedCount = Metrics.Meter.CreateCounter<long>(
        "rookery_discord_refused_calls", description: "Calls of the interactions address that were not proven to be Discord's, by the status they were answered with.");

    public static void Lost() => LostCount.Add(1);

    public static void Interaction(string outcome) => InteractionCount.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public static void Refused(int status) => RefusedCount.Add(1, new KeyValuePair<string, object?>("status", status));
}
