using System.Diagnostics.Metrics;
using Rookery.Kernel.Telemetry;

namespace Rookery.Platforms.Slack;

internal static class SlackMetrics
{
    private static readonly Counter<long> EventCount = Metrics.Meter.CreateCounter<long>(
        "rookery_slack_events", description: "Events of Slack, by what was made of them: understood, ignored, unknown or malformed.");

    private static readonly Counter<long> CallCount = Metrics.Meter.CreateCounter<long>(
        "rookery_slack_calls", description: "Calls of Slack's Web API, by method and outcome.");

    private static readonly Counter<long> BlindCount = Metrics.Meter.CreateCounter<long>(
        "rookery_slack_blind_repeats", description: "Posts sent again although it could not be seen whether they stand already.");

    public static void Event(string reading) => EventCount.Add(1, new KeyValuePair<string, object?>("reading", reading));

    public static void Call(string method, string outcome) => CallCount.Add(
        1, new KeyValuePair<string, object?>("method", method), new KeyValuePair<string, object?>("outcome", outcome));

    public static void BlindRepeat() => BlindCount.Add(1);
}
