using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Rookery.Kernel.SignIn;

/// <summary>How fast an address may sign in, and a session call, on this node. Limiters nobody uses go by themselves.</summary>
internal sealed class SignInLimits(IOptions<SignInOptions> options) : IDisposable
{
    private const int NetworkOfOne = 8;

    private readonly PartitionedRateLimiter<string> _logins = Limiter<string>(options.Value.LoginCallsPerMinute);
    private readonly PartitionedRateLimiter<Guid> _calls = Limiter<Guid>(options.Value.SessionCallsPerMinute);

    /// <returns>Null when it may; else the seconds to wait, for <c>Retry-After</c>.</returns>
    public string? RefuseLogin(IPAddress? address) => Refuse(_logins, Household(address));

    /// <inheritdoc cref="RefuseLogin"/>
    public string? RefuseCall(Guid session) => Refuse(_calls, session);

    public void Dispose()
    {
        _logins.Dispose();
        _calls.Dispose();
    }

    /// <summary>Whoever has one address of IPv6 has 2⁶⁴ of them.</summary>
    private static string Household(IPAddress? address) => address switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, NetworkOfOne)),
        _ => address.ToString(),
    };

    private static string? Refuse<T>(PartitionedRateLimiter<T> limiter, T who)
    {
        using var permit = limiter.AttemptAcquire(who);
        if (permit.IsAcquired)
        {
            return null;
        }

        var wait = permit.TryGetMetadata(MetadataName.RetryAfter, out var time) ? Math.Ceiling(time.TotalSeconds) : 1;
        return Math.Max(1, wait).ToString(CultureInfo.InvariantCulture);
    }

    private static PartitionedRateLimiter<T> Limiter<T>(int perMinute)
        where T : notnull
        => PartitionedRateLimiter.Create<T, T>(who => RateLimitPartition.GetTokenBucketLimiter(
            who,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = perMinute,
                TokensPerPeriod = Math.Max(1, perMinute / 60),
                ReplenishmentPeriod = TimeSpan.FromSeconds(60d * Math.Max(1, perMinute / 60) / perMinute),
            }));
}
