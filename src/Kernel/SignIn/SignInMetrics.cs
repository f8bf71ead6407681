using System.Diagnostics.Metrics;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Telemetry;

namespace Rookery.Kernel.SignIn;

internal static class SignInMetrics
{
    private static readonly Counter<long> SignInCount = Metrics.Meter.CreateCounter<long>(
        "rookery_sign_ins",
        description: "People who came back from a platform, by what became of it: succeeded, bad_state, declined or failed.");

    private static readonly Counter<long> RefusedCount = Metrics.Meter.CreateCounter<long>(
        "rookery_session_refusals", description: "Requests with a session that were refused: csrf or no_right.");

    public static void SignIn(Platform platform, string outcome) => SignInCount.Add(
        1, new KeyValuePair<string, object?>("platform", platform.Name()), new KeyValuePair<string, object?>("outcome", outcome));

    public static void Refused(string why) => RefusedCount.Add(1, new KeyValuePair<string, object?>("why", why));
}
