using System.Net;
using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Webhooks;

/// <summary>What somebody says of a webhook; what is left out stays as it is, or gets its default.</summary>
/// <param name="RequireSignature">Whether calls must be signed; true unless told.</param>
/// <param name="LegacySignature">Whether <c>X-Webhook-Signature</c>, which has no time in it, will do too.</param>
/// <param name="IpAllowlist">Addresses and networks (<c>203.0.113.0/24</c>) that may call; none is all.</param>
/// <param name="RateLimitMax">Calls in one window.</param>
/// <param name="RateLimitWindow">Seconds.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WebhookRequest(
    string? Name, string? Description, bool? Enabled, bool? RequireSignature, bool? LegacySignature, IReadOnlyList<string?>? IpAllowlist,
    int? RateLimitMax, int? RateLimitWindow)
{
    private const int MaxAddresses = 100;

    public Checks Check(bool isNew)
    {
        var checks = new Checks()
            .That(RateLimitMax is null or (>= 1 and <= 1_000_000), "rate_limit_max", "must be 1 to 1000000 calls.")
            .That(RateLimitWindow is null or (>= 1 and <= 86_400), "rate_limit_window", "must be 1 to 86400 seconds.")
            .That(IpAllowlist is null or { Count: <= MaxAddresses }, "ip_allowlist", "may have at most 100 entries.")
            .Optional("description", Description, 1000);
        if (isNew || Name is not null)
        {
            checks.Text("name", Name, 255);
        }

        for (var i = 0; i < (IpAllowlist?.Count ?? 0) && i < MaxAddresses; i++)
        {
            checks.That(
                IPNetwork.TryParse(IpAllowlist![i], out _) || IPAddress.TryParse(IpAllowlist[i], out _),
                $"ip_allowlist[{i}]",
                "must be an address, such as 203.0.113.7, or a network, such as 203.0.113.0/24.");
        }

        return checks;
    }
}

/// <param name="OverlapSeconds">How long the secret before it stays good: 0 to 604800, a day unless told.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RotateRequest(int? OverlapSeconds);
