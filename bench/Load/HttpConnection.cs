using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Rookery.Bench.Load;

/// <summary>
/// One HTTP/1.1 connection that sends prepared requests and reads answers with a Content-Length; nothing else, so that
/// it costs little of the processor it shares with what is measured.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];

    public static async Task<HttpConnection> OpenAsync(IPEndPoint address, CancellationToken ct)
    {
        var connection = new HttpConnection();
        await connection._socket.ConnectAsync(address, ct);
        return connection;
    }

    /// <returns>The status and the body, which is valid until the next request.</returns>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> SendAsync(
        ReadOnlyMemory<byte> request, CancellationToken ct)
    {
        await _socket.SendAsync(request, SocketFlags.None, ct);
        var (filled, head, length) = (0, -1, 0);
        while (head < 0 || (length < 0 ? !_buffer.AsSpan(0, filled).EndsWith("\r\n0\r\n\r\n"u8) : filled < head + length))
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled), SocketFlags.None, ct);
            if (read == 0)
            {
                throw new IOException("The server closed the connection.");
            }

            filled += read;
            if (head < 0 && _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                head = end + 4;
                length = ContentLength(_buffer.AsSpan(0, head));
            }
        }

        return (
            Utf8Parser.TryParse(_buffer.AsSpan(9, 3), out int status, out _) ? status : 0,
            _buffer.AsMemory(head, length < 0 ? filled - head : length));
    }

    public void Dispose() => _socket.Dispose();

    /// <returns>Negative: it comes in chunks.</returns>
    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("Content-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(head[(at + 16)..], out int length, out _)
            ? length
            : head.IndexOf("chunked"u8) >= 0 ? -1
            : throw new IOException("The answer has no length.");
    }
}
