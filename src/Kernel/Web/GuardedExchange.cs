using System.Text.Json.Serialization;

namespace Rookery.Kernel.Web;

/// <summary>One call to the outside.</summary>
/// <param name="Timeout">For everything together: name, connection, redirects, the last byte of the answer.</param>
public sealed record GuardedRequest(HttpMethod Method, Uri Url, TimeSpan Timeout)
{
    /// <summary>Sent as UTF-8; null: no body.</summary>
    public string? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>
    /// Checked by <see cref="GuardedHttp.CheckHeader"/>. A redirect to another origin does not get them.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    internal static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>(
        StringComparer.OrdinalIgnoreCase);
}

/// <summary>Why a call brought no usable answer.</summary>
[JsonConverter(typeof(SnakeCase<HttpFailure>))]
public enum HttpFailure
{
    /// <summary>The guard said no: a bad URL or header, or a private address. Nothing was sent.</summary>
    Refused,

    /// <summary>No connection: name, address, port or TLS. Nothing was sent.</summary>
    Connect,

    /// <summary>The time was over; whether the target acted is unknown.</summary>
    Timeout,

    /// <summary>The answer is longer than <see cref="GuardedHttpOptions.MaxResponseBytes"/>.</summary>
    TooLarge,

    /// <summary>A redirect that is not followed.</summary>
    Redirect,

    /// <summary>The connection broke, or what came was no HTTP; whether the target acted is unknown.</summary>
    Protocol,
}

/// <summary>
/// What a call brought. <see cref="Error"/> names no address and quotes no exception, so it may be shown to callers.
/// </summary>
public sealed record GuardedResponse
{
    /// <summary>
    /// The HTTP status, also of an answer that is <see cref="HttpFailure.TooLarge"/>; 0 when none came.
    /// </summary>
    public int Status { get; init; }

    public string Body { get; init; } = "";

    /// <summary>Names without regard to case; repeated headers are joined with commas.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = GuardedRequest.NoHeaders;

    /// <summary>What the target's Retry-After asks for, from now on.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public HttpFailure? Failure { get; init; }

    /// <summary>Null unless <see cref="Failure"/> is set.</summary>
    public string? Error { get; init; }

    public bool Ok => Failure is null && Status is >= 200 and < 300;

    public static GuardedResponse Failed(HttpFailure failure, string error, int status = 0) =>
        new() { Failure = failure, Error = error, Status = status };
}
