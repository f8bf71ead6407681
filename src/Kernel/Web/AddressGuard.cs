using System.Net;
using System.Net.Sockets;

namespace Rookery.Kernel.Web;

/// <summary>
/// Decides where calls may go: to the open internet, and to the private hosts that are listed. It also makes the
/// connections, so what was checked is what is called, whatever a name leads to a moment later.
/// </summary>
internal sealed class AddressGuard(IReadOnlyList<string> allowedPrivateHosts)
{
    private const string Private =
        "leads to a private address. If that is meant, add its host to Http:AllowedPrivateHosts.";

    private readonly AllowedHost[] _allowed = [.. allowedPrivateHosts.Select(AllowedHost.Parse).OfType<AllowedHost>()];

    /// <returns>
    /// Null when the URL may be tried; else what is wrong with it, as a sentence without its subject.
    /// </returns>
    public string? Check(Uri url)
    {
        if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        {
            return "must begin with http:// or https://.";
        }

        if (url.UserInfo.Length > 0)
        {
            return "must not hold a user name or password.";
        }

        return IPAddress.TryParse(url.IdnHost, out var address) && !MayReach(address, url.Port) ? Private : null;
    }

    /// <summary>Connects to those of a host's addresses that may be reached, and to no other.</summary>
    /// <exception cref="AddressRefusedException">There is none.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, ct);
        if (!_allowed.Any(a => a.Covers(host, port)))
        {
            addresses = [.. addresses.Where(a => MayReach(a, port))];
        }

        if (addresses.Length == 0)
        {
            throw new AddressRefusedException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool MayReach(IPAddress address, int port) =>
        PublicAddresses.Contains(address) || _allowed.Any(a => a.Covers(address, port));

    internal sealed class AddressRefusedException() : IOException($"The URL {Private}");
}
