using System.Globalization;
using System.Net;

namespace Rookery.Kernel.Web;

/// <summary>One entry of <see cref="GuardedHttpOptions.AllowedPrivateHosts"/>.</summary>
/// <param name="Name">A host name, or null where <paramref name="Address"/> is set.</param>
/// <param name="Port">Null: every port.</param>
internal sealed record AllowedHost(string? Name, IPAddress? Address, int? Port)
{
    /// <returns>Null when the entry is neither a name nor an address.</returns>
    public static AllowedHost? Parse(string entry)
    {
        if (IPAddress.TryParse(entry, out var bare))
        {
            return new AllowedHost(null, Plain(bare), null);
        }

        var colon = entry.LastIndexOf(':');
        var host = colon < 0 ? entry : entry[..colon];
        int? port = null;
        if (colon >= 0)
        {
            if (!ushort.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number == 0)
            {
                return null;
            }

            port = number;
        }

        return IPAddress.TryParse(host, out var address) ? new AllowedHost(null, Plain(address), port)
            : Uri.CheckHostName(host) == UriHostNameType.Dns ? new AllowedHost(host, null, port)
            : null;
    }

    /// <param name="host">As the URL has it, without brackets.</param>
    public bool Covers(string host, int port) => (Port is null || Port == port)
        && (Address is null
            ? string.Equals(Name, host.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)
            : IPAddress.TryParse(host, out var address) && Plain(address).Equals(Address));

    /// <param name="address">What a name led to: an address in the list may be reached under any name.</param>
    public bool Covers(IPAddress address, int port) => (Port is null || Port == port) && Plain(address).Equals(Address);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
