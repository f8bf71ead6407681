using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime.Internal.Auth;
using Microsoft.AspNetCore.WebUtilities;

namespace Rookery.Router.Remote;

internal sealed record AwsKeys(string AccessKeyId, string SecretAccessKey, string? SessionToken);

/// <summary>Signs a call for AWS, Signature Version 4.</summary>
/// <remarks>
/// Source: AWS IAM User Guide, "Create a signed AWS API request". The key derivation and the HMAC are the SDK's.
/// </remarks>
internal static class AwsSignature
{
    /// <summary>Adds <c>X-Amz-Date</c>, the session token and <c>Authorization</c> to the headers.</summary>
    public static void Sign(
        Dictionary<string, string> headers, HttpMethod method, Uri url, string body, AwsKeys keys, string region, string service, DateTimeOffset now)
    {
        headers["X-Amz-Date"] = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        if (keys.SessionToken is { } token)
        {
            headers["X-Amz-Security-Token"] = token;
        }

        var signed = headers
            .Select(h => (Name: h.Key.ToLowerInvariant(), Value: Squeeze(h.Value)))
            .Where(h => h.Name == "content-type" || h.Name.StartsWith("x-amz-", StringComparison.Ordinal))
            .Append((Name: "host", Value: url.Authority))
            .OrderBy(h => h.Name, StringComparer.Ordinal)
            .ToList();
        var names = string.Join(';', signed.Select(h => h.Name));
        var canonical = string.Join(
            '\n',
            [method.Method, Path(url), Query(url), .. signed.Select(h => $"{h.Name}:{h.Value}"), "", names, Hash(body)]);
        headers["Authorization"] = AWS4Signer
            .ComputeSignature(
                keys.AccessKeyId, keys.SecretAccessKey, region, now.UtcDateTime, service, names, canonical)
            .ForAuthorizationHeader;
    }

    private static string Squeeze(string value) =>
        string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Every service but S3 wants the path as it is sent, encoded once more.</summary>
    private static string Path(Uri url) => string.Join('/', url.AbsolutePath.Split('/').Select(Uri.EscapeDataString));

    private static string Query(Uri url) => string.Join('&', QueryHelpers.ParseQuery(url.Query)
        .SelectMany(
            p => p.Value, (p, value) => (Name: Uri.EscapeDataString(p.Key), Value: Uri.EscapeDataString(value ?? "")))
        .OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal)
        .Select(p => $"{p.Name}={p.Value}"));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
