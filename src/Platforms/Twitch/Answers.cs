using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;
using Rookery.Platforms.Twitch.Auth;

namespace Rookery.Platforms.Twitch;

/// <summary>What Twitch's refusals mean for the one who wants to send.</summary>
internal static class Answers
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>True when the call may have taken effect although no success was heard.</summary>
    public static bool IsUncertain(GuardedResponse response) =>
        response.Failure is HttpFailure.Timeout or HttpFailure.Protocol or HttpFailure.TooLarge || response.Status is 500 or 502 or 504;

    /// <summary>For a call that failed. Meant for what may be repeated without harm.</summary>
    public static Sent Classify(GuardedResponse response)
    {
        var error = OAuth.Describe(response);
        return response switch
        {
            { Status: 429 } => Sent.TryAgain(error, response.RetryAfter ?? Soon),
            { Status: 409 or >= 500 } or { Status: 0, Failure: not HttpFailure.Refused } => Sent.TryAgain(error, response.RetryAfter ?? Soon),
            _ => Sent.Failed(error),
        };
    }

    /// <summary>For a message that Twitch took and did not show.</summary>
    /// <remarks>Source: drop_reason of dev.twitch.tv/docs/api/reference#send-chat-message; the codes are those of IRC's NOTICE.</remarks>
    public static Sent Classify(DropReason? reason)
    {
        var error = $"Twitch dropped the message: {reason?.Code} {reason?.Message}".TrimEnd();
        return reason?.Code switch
        {
            "msg_ratelimit" or "rate_limited" => Sent.TryAgain(error, RateLimits.Window),
            "msg_slowmode" or "slow_mode" => Sent.TryAgain(error, TimeSpan.FromSeconds(5)),
            _ => Sent.Failed(error),
        };
    }
}
