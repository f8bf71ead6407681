using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;

namespace Rookery.Platforms.Slack;

/// <summary>Reads the messages of a socket, each a JSON object of at most 4 MiB; what is none is counted and passed over.</summary>
internal sealed class SocketFrames(WebSocket socket)
{
    private const int MaxFrame = 4 * 1024 * 1024;
    private const int Piece = 8 * 1024;

    private readonly ArrayBufferWriter<byte> _frame = new(2 * Piece);

    /// <returns>The next message; null when none is to come.</returns>
    /// <exception cref="WebSocketException">The connection broke, or a frame is too large.</exception>
    public async Task<JsonElement?> ReceiveAsync(CancellationToken ct)
    {
        while (true)
        {
            _frame.ResetWrittenCount();
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(_frame.GetMemory(Piece), ct);
                _frame.Advance(part.Count);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", ct);
                    return null;
                }

                if (_frame.WrittenCount > MaxFrame)
                {
                    throw new WebSocketException("Slack sent a frame of more than 4 MiB.");
                }
            }
            while (!part.EndOfMessage);

            if (Parse(_frame.WrittenSpan) is { } message)
            {
                return message;
            }

            SlackMetrics.Event("malformed");
        }
    }

    private static JsonElement? Parse(ReadOnlySpan<byte> frame)
    {
        try
        {
            return JsonElement.Parse(frame) is { ValueKind: JsonValueKind.Object } message ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
