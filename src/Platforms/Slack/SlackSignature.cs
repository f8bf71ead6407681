using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rookery.Platforms.Slack;

/// <summary>Proof that a call comes from Slack, over exactly the bytes that came.</summary>
/// <remarks>Source: Slack, "Verifying requests from Slack": v0= HMAC-SHA256 of v0:timestamp:body.</remarks>
internal static class SlackSignature
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <returns>Null when the call is Slack's and of now; else why not.</returns>
    public static string? Refuse(string secret, string timestamp, string signature, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - (decimal)seconds) > (decimal)Window.TotalSeconds)
        {
            return "X-Slack-Request-Timestamp is missing or more than five minutes off; if Slack sent this, set this machine's clock.";
        }

        var expected = Encoding.ASCII.GetBytes(Sign(secret, timestamp, body));
        return CryptographicOperations.FixedTimeEquals(expected, Encoding.ASCII.GetBytes(signature))
            ? null
            : "X-Slack-Signature does not fit; if Slack sent this, copy Platforms:Slack:SigningSecret anew.";
    }

    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes($"v0:{timestamp}:"));
        hmac.AppendData(body);
        return $"v0={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
