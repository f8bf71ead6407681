using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Rookery.Kernel.Web;

namespace Rookery.Router.Remote;

/// <summary>
/// A module behind a URL: a container beside Rookery, or a webhook anywhere. Both are called the same way.
/// </summary>
internal sealed class HttpTarget(string type, TimeProvider clock) : IRemoteTarget
{
    private const int MaxUrl = 8000;

    public string Type => type;

    public Prepared Prepare(RemoteCall call)
    {
        var method = HttpMethod.Parse(call.Command.Method);
        var location = call.Command.LocationUrl;
        var address = method == HttpMethod.Get ? QueryHelpers.AddQueryString(location, call.Payload.Query()) : location;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.AbsoluteUri.Length > MaxUrl)
        {
            return Prepared.Wrong(address.Length > MaxUrl
                ? $"The call would make a URL of more than {MaxUrl} characters; give the command the method POST."
                : "The command's location_url is no URL.");
        }

        var body = method == HttpMethod.Get ? null : call.Json;
        var headers = Headers(call, body ?? url.Query[1..]);
        var request = new GuardedRequest(method, url, call.Command.Timeout) { Body = body, Headers = headers };
        return Prepared.Call(request, url.GetLeftPart(UriPartial.Authority));
    }

    /// <param name="content">The body, or the query of a call that has none.</param>
    private Dictionary<string, string> Headers(RemoteCall call, string content)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Accept"] = "application/json",
            ["X-Rookery-Source"] = "router",
            ["X-Rookery-Type"] = Type,
        };
        foreach (var (name, value) in call.Command.Headers)
        {
            headers[name] = value;
        }

        // What proves where the call comes from goes last: a command's own headers cannot take its place.
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        headers["X-Rookery-Timestamp"] = timestamp;
        headers["X-Rookery-Execution-Id"] = headers["Idempotency-Key"] = call.ExecutionId.ToString();
        headers.Remove("X-Rookery-Signature");
        if (call.Secret is { } secret)
        {
            headers["X-Rookery-Signature"] = Sign(secret, timestamp, content);
        }

        return headers;
    }

    private static string Sign(string secret, string timestamp, string content)
    {
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}.{content}"));
        return $"sha256={Convert.ToHexStringLower(mac)}";
    }
}
