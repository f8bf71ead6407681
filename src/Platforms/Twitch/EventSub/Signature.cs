using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>Proves that a webhook was made by Twitch, and lately.</summary>
/// <remarks>Source: dev.twitch.tv/docs/eventsub/handling-webhook-events, "Verifying the event message".</remarks>
internal static class Signature
{
    public const string MessageId = "Twitch-Eventsub-Message-Id";
    public const string Timestamp = "Twitch-Eventsub-Message-Timestamp";
    public const string Header = "Twitch-Eventsub-Message-Signature";

    /// <summary>How far a message's time may be from ours, into the past as into the future.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private const string Prefix = "sha256=";
    private const int MaxId = 200;

    /// <summary>HMAC-SHA256 over id, time and body, as they came.</summary>
    public static string Of(string secret, string messageId, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes(messageId));
        hmac.AppendData(Encoding.UTF8.GetBytes(timestamp));
        hmac.AppendData(body);
        return Prefix + Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    /// <returns>Null when the message is proven; else what is wrong with it.</returns>
    public static string? Check(IHeaderDictionary headers, ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        if (headers[MessageId] is not [{ Length: > 0 and <= MaxId } id] || headers[Timestamp] is not [{ Length: > 0 } time]
            || headers[Header] is not [{ } shown])
        {
            return $"The headers {MessageId}, {Timestamp} and {Header} are required.";
        }

        if (!CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Of(secret, id, time, body)), Encoding.UTF8.GetBytes(shown)))
        {
            return "The signature is not that of the body.";
        }

        return TimeOf(headers) is { } at && (now - at).Duration() <= Window ? null : "The message is more than ten minutes from now.";
    }

    /// <returns>When Twitch made the message; null when it does not say.</returns>
    public static DateTimeOffset? TimeOf(IHeaderDictionary headers) => DateTimeOffset.TryParse(
        headers[Timestamp].ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
