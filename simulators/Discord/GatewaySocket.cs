using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Rookery.Simulators.Discord;

/// <summary>One bot's connection. What is told goes out in order, compressed when the bot asked for it.</summary>
internal sealed class GatewaySocket : IDisposable
{
    private readonly WebSocket _socket;
    private readonly Channel<byte[]> _out = Channel.CreateUnbounded<byte[]>();
    private readonly MemoryStream _compressed = new();
    private readonly ZLibStream? _zlib;
    private readonly Task _sending;

    public GatewaySocket(WebSocket socket, bool compress)
    {
        _socket = socket;
        _zlib = compress ? new ZLibStream(_compressed, CompressionLevel.Fastest) : null;
        _sending = SendOnAsync();
    }

    public void Post(int op, JsonNode? data, int? sequence = null, string? type = null) =>
        _out.Writer.TryWrite(Encoding.UTF8.GetBytes(
            new JsonObject { ["op"] = op, ["d"] = data, ["s"] = sequence, ["t"] = type }.ToJsonString()));

    public Task SendAsync(int op, JsonNode? data)
    {
        Post(op, data);
        return Task.CompletedTask;
    }

    public async Task<JsonObject?> ReceiveAsync(CancellationToken ct)
    {
        var buffer = new byte[8192];
        using var message = new MemoryStream();
        while (true)
        {
            try
            {
                var part = await _socket.ReceiveAsync(buffer, ct);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                message.Write(buffer.AsSpan(0, part.Count));
                if (part.EndOfMessage)
                {
                    return JsonNode.Parse(message.ToArray())!.AsObject();
                }
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                return null;
            }
        }
    }

    public async Task CloseAsync(int code)
    {
        _out.Writer.TryComplete();
        await _sending;
        try
        {
            await _socket.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The bot was faster.
        }
    }

    public void Abort() => _socket.Abort();

    public void Dispose()
    {
        _out.Writer.TryComplete();
        _socket.Dispose();
        _zlib?.Dispose();
        _compressed.Dispose();
    }

    private async Task SendOnAsync()
    {
        try
        {
            await foreach (var message in _out.Reader.ReadAllAsync())
            {
                var (bytes, type) = _zlib is null
                    ? (message, WebSocketMessageType.Text)
                    : (Compress(message), WebSocketMessageType.Binary);

                // In torn frames, as a busy network delivers them.
                var middle = bytes.Length / 2;
                await _socket.SendAsync(bytes.AsMemory(0, middle), type, endOfMessage: false, CancellationToken.None);
                await _socket.SendAsync(bytes.AsMemory(middle), type, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The bot is gone.
        }
    }

    private byte[] Compress(byte[] message)
    {
        _compressed.SetLength(0);
        _zlib!.Write(message);
        _zlib.Flush();
        return _compressed.ToArray();
    }
}
