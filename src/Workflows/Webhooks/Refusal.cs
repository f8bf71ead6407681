using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Rookery.Workflows.Webhooks;

/// <summary>Why a call of a webhook starts nothing.</summary>
/// <param name="Code">For programs; the problem has it as <c>code</c>.</param>
/// <param name="RetryAfter">Seconds; null: there is no use in trying again.</param>
internal sealed record Refusal(int Status, string Code, string Why, int? RetryAfter = null)
{
    public static Refusal NotFound { get; } = new(404, "webhook_not_found", "There is no webhook at this address.");

    public static Refusal Disabled { get; } = new(403, "webhook_disabled", "The webhook is switched off.");

    public static Refusal NotPublished { get; } =
        new(403, "webhook_disabled", "The workflow behind the webhook is not published with a webhook as its trigger.");

    public static Refusal NotAllowed { get; } = new(403, "ip_not_allowed", "The webhook does not take calls from this address.");

    public static Refusal Unsigned { get; } =
        new(403, "signature_required", $"Sign the call: {Signatures.TimestampHeader} and {Signatures.Header} are needed.");

    public static Refusal Loop { get; } = new(508, "loop_detected", "More than five workflows led to this call one after another.");

    public static Refusal BadJson { get; } =
        new(400, "invalid_json", "The body must be JSON, at most 64 levels deep, and neither it nor the query may hold U+0000.");

    public static Refusal BadKey { get; } = new(400, "invalid_idempotency_key", "Idempotency-Key must have 1 to 255 printable ASCII characters.");

    public static Refusal Copied { get; } = new(403, "signature_invalid", "This signature came before with another Idempotency-Key; sign each call anew.");

    public static Refusal Busy { get; } = new(429, "workflow_busy", "As many runs of the workflow are under way as may be.", 1);

    public static Refusal QueueFull { get; } = new(429, "queue_full", "As many runs of the workflow wait as may.", 10);

    public static Refusal Invalid(string why) => new(403, "signature_invalid", why);

    public static Refusal TooMany(TimeSpan window, int most) => new(
        429,
        "rate_limit_exceeded",
        $"The webhook takes {most} calls in {window.TotalSeconds:0} s.",
        Math.Max(1, (int)Math.Ceiling(window.TotalSeconds / CallLimiter.Slots)));

    public ProblemHttpResult Problem(HttpResponse response)
    {
        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return TypedResults.Problem(Why, statusCode: Status, extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = Code });
    }
}
