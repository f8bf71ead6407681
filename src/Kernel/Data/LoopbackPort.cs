using System.Net;
using System.Net.Sockets;

namespace Rookery.Kernel.Data;

/// <summary>Ports on loopback for the embedded server.</summary>
internal static class LoopbackPort
{
    private const int First = 55432;
    private const int Last = First + 199;

    /// <summary>The first port nobody listens on, which somebody may take a moment later.</summary>
    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public static int Free(int from = First)
    {
        for (var port = from; port <= Last; port++)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"No port from {First} to {Last} is free for the database.");
    }
}
