using System.Net;

namespace Rookery.Kernel.Web;

/// <summary>Tells addresses of the open internet from those that lead somewhere inside or nowhere.</summary>
/// <remarks>Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates).</remarks>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] Special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>
    /// Everything else of IPv6 is not global unicast: loopback, link-local, unique local, multicast, NAT64 and the
    /// like.
    /// </summary>
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    /// <summary>
    /// Protocol assignments (Teredo among them), documentation, and 6to4, which carries an IPv4 address inside.
    /// </summary>
    private static readonly IPNetwork[] Special6 =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            ? !Special4.Any(n => n.Contains(address))
            : Global6.Contains(address) && !Special6.Any(n => n.Contains(address));
    }
}
