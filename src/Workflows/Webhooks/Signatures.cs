using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rookery.Workflows.Webhooks;

/// <summary>What the signature of a call is worth.</summary>
/// <param name="Refusal">Null: it is good, or none is needed.</param>
/// <param name="Id">The same for a call that is sent again as it is; null where its signature has no time in it.</param>
internal readonly record struct Proof(Refusal? Refusal, string? Id = null);

/// <summary>
/// Signatures of calls: HMAC-SHA256 under the webhook's secret, in hexadecimal after <c>sha256=</c>, over the timestamp, a dot
/// and the body as it was sent. A call older or newer than the window is refused, so a copy of it is soon worth nothing.
/// </summary>
internal static class Signatures
{
    public const string Header = "X-Rookery-Signature";
    public const string TimestampHeader = "X-Rookery-Timestamp";
    public const string LegacyHeader = "X-Webhook-Signature";
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private const string Prefix = "sha256=";

    public static Proof Check(OpenWebhook webhook, string token, HttpRequest request, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (request.Headers[Header].ToString() is { Length: > 0 } given)
        {
            var timestamp = request.Headers[TimestampHeader].ToString();
            return !IsOfNow(timestamp, now)
                ? new(Refusal.Invalid($"{TimestampHeader} must be the time of the call in seconds since 1970, at most five minutes off."))
                : Fits(webhook, given, Encoding.ASCII.GetBytes($"{timestamp}."), body, now) ? new(null, given.ToLowerInvariant())
                : new(Refusal.Invalid($"{Header} must be sha256= and the HMAC-SHA256 of timestamp, dot and body under the webhook's secret."));
        }

        if (webhook.LegacySignature && request.Headers[LegacyHeader].ToString() is { Length: > 0 } legacy)
        {
            return Fits(webhook, legacy, Encoding.UTF8.GetBytes(token), body, now)
                ? default
                : new(Refusal.Invalid($"{LegacyHeader} must be sha256= and the HMAC-SHA256 of token and body under the webhook's secret."));
        }

        return webhook.RequireSignature ? new(Refusal.Unsigned) : default;
    }

    private static bool IsOfNow(string timestamp, DateTimeOffset now) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(now.ToUnixTimeSeconds() - (decimal)seconds) <= (decimal)Window.TotalSeconds;

    private static bool Fits(OpenWebhook webhook, string given, ReadOnlySpan<byte> first, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return given.Length == Prefix.Length + (2 * mac.Length) && given.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.FromHexString(given.AsSpan(Prefix.Length), mac, out _, out _) == System.Buffers.OperationStatus.Done
            && (Fits(webhook.Secret, mac, first, body)
                || (webhook.Previous is { } previous && now < webhook.PreviousUntil && Fits(previous, mac, first, body)));
    }

    private static bool Fits(byte[] secret, ReadOnlySpan<byte> given, ReadOnlySpan<byte> first, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(first);
        mac.AppendData(body);
        Span<byte> right = stackalloc byte[HMACSHA256.HashSizeInBytes];
        mac.GetHashAndReset(right);
        return CryptographicOperations.FixedTimeEquals(right, given);
    }
}
