using System.Net;
using Microsoft.AspNetCore.Http;

namespace Rookery.Kernel.Web;

/// <summary>Who called, by the network.</summary>
public static class CallerAddress
{
    private static readonly IPNetwork[] Own =
        [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7", "fe80::/10" }.Select(IPNetwork.Parse)];

    /// <summary>
    /// The peer, or whom a proxy in the own network names last: what stands before that is whatever the caller wrote.
    /// </summary>
    public static IPAddress? Of(HttpContext http)
    {
        var peer = Plain(http.Connection.RemoteIpAddress);
        return peer is not null && Own.Any(n => n.Contains(peer))
            && IPAddress.TryParse(http.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim(), out var behind)
            ? Plain(behind)
            : peer;
    }

    /// <summary>No network at all lets everybody in.</summary>
    public static bool IsIn(IReadOnlyList<IPNetwork> allowed, IPAddress? address) =>
        allowed.Count == 0 || (address is not null && allowed.Any(n => n.Contains(address)));

    /// <summary>An address is a network of one.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static IPNetwork Network(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal))
        {
            return IPNetwork.Parse(text);
        }

        var address = Plain(IPAddress.Parse(text))!;
        return new IPNetwork(address, address.GetAddressBytes().Length * 8);
    }

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
