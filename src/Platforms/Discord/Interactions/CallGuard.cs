using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Rookery.Platforms.Discord.Interactions.Signatures;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>
/// Proves that a call is Discord's. Proving costs time, which whoever floods the address with forged calls must not take
/// from the rest: what is cheap is looked at first, few are proven at once, few wait for it, and an address that forged
/// often is not listened to for a while.
/// </summary>
/// <remarks>Source: Discord developer documentation, Setting up an endpoint, Validating security request headers.</remarks>
internal sealed class CallGuard(IOptions<DiscordOptions> options, TimeProvider clock) : IDisposable
{
    private const int MostForged = 20;
    private const int MostAddresses = 10_000;
    private const int MostWaiting = 64;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Forged> _forged = new(StringComparer.Ordinal);
    private readonly ConcurrencyLimiter _proving = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = Math.Max(1, Environment.ProcessorCount / 2),
        QueueLimit = MostWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private readonly Lazy<Ed25519Key?> _key = new(() =>
        options.Value.PublicKey is { Length: > 0 } key ? Ed25519Key.Read(Convert.FromHexString(key)) : null);

    /// <summary>Before the body is read.</summary>
    /// <returns>Null when it may be Discord's and of now; else what to answer.</returns>
    public Refusal? Glance(HttpRequest request)
    {
        if (AddressOf(request.HttpContext) is { } address && _forged.TryGetValue(address, out var forged)
            && forged.Times >= MostForged && clock.GetUtcNow() - forged.Since < Memory)
        {
            return new(StatusCodes.Status429TooManyRequests, "Too many calls from this address were not Discord's; try again in a minute.");
        }

        if (!long.TryParse(TimestampOf(request), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(clock.GetUtcNow().ToUnixTimeSeconds() - (decimal)seconds) > (decimal)Window.TotalSeconds)
        {
            return new(
                StatusCodes.Status401Unauthorized,
                "X-Signature-Timestamp is missing or more than five minutes off; if Discord sent this, set this machine's clock.");
        }

        return SignatureOf(request) is null ? NotProven : null;
    }

    /// <returns>Null when the call is Discord's; else what to answer.</returns>
    public async ValueTask<Refusal?> ProveAsync(HttpRequest request, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        using var turn = await _proving.AcquireAsync(1, ct);
        if (!turn.IsAcquired)
        {
            return new(StatusCodes.Status503ServiceUnavailable, "Too many calls wait to be proven; try again.");
        }

        byte[] message = [.. Encoding.ASCII.GetBytes(TimestampOf(request)), .. body.Span];
        if (SignatureOf(request) is { } signature && _key.Value?.Verifies(message, signature) == true)
        {
            return null;
        }

        if (AddressOf(request.HttpContext) is { } address)
        {
            Note(address);
        }

        return NotProven;
    }

    public void Dispose() => _proving.Dispose();

    private static Refusal NotProven { get; } = new(
        StatusCodes.Status401Unauthorized,
        "X-Signature-Ed25519 does not fit; if Discord sent this, copy Platforms:Discord:PublicKey anew.");

    private static string TimestampOf(HttpRequest request) => request.Headers["X-Signature-Timestamp"].ToString();

    private static byte[]? SignatureOf(HttpRequest request)
    {
        var text = request.Headers["X-Signature-Ed25519"].ToString();
        var bytes = new byte[Ed25519Key.SignatureLength];
        return text.Length == 2 * bytes.Length
            && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
    }

    private void Note(string address)
    {
        var now = clock.GetUtcNow();
        if (_forged.Count >= MostAddresses)
        {
            foreach (var (old, _) in _forged.Where(f => now - f.Value.Since >= Memory))
            {
                _forged.TryRemove(old, out _);
            }
        }

        if (_forged.Count < MostAddresses)
        {
            _forged.AddOrUpdate(
                address, new Forged(now, 1), (_, f) => now - f.Since >= Memory ? new Forged(now, 1) : f with { Times = f.Times + 1 });
        }
    }

    /// <summary>
    /// Who called: the peer, or who the proxy in the own network says it was. A network of IPv6 counts as one. Null where
    /// nobody can tell callers apart: behind a proxy that does not say.
    /// </summary>
    private static string? AddressOf(HttpContext http)
    {
        var peer = http.Connection.RemoteIpAddress;
        peer = peer?.IsIPv4MappedToIPv6 == true ? peer.MapToIPv4() : peer;
        if (peer is not null && IsOwn(peer))
        {
            // The last entry is the proxy's own; those before it are whatever the caller wrote.
            var said = http.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim();
            peer = IPAddress.TryParse(said, out var behind) ? behind : null;
        }

        return peer is null ? null
            : peer.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(peer.GetAddressBytes().AsSpan(0, 8))
            : peer.ToString();
    }

    private static bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal
        || (address.GetAddressBytes() is [var a, var b, _, _] && (a == 10 || (a, b) is (192, 168) || (a == 172 && b is >= 16 and < 32)));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Forged(DateTimeOffset Since, int Times);
}

/// <summary>Why a call is not taken.</summary>
internal sealed record Refusal(int Status, string Why);
