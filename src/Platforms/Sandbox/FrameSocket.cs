using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// Whole text frames over a WebSocket: at most 16 KiB in, and out only as long as the other side keeps reading.
/// </summary>
internal sealed class FrameSocket(WebSocket socket, TimeSpan sendTimeout, TimeProvider clock) : IDisposable
{
    private const int MaxFrame = 16 * 1024;

    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly byte[] _buffer = new byte[MaxFrame];

    /// <returns>The next frame, good until the next call; null when none is to come.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken ct)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), ct);
            length += part.Count;
            switch (part)
            {
                case { MessageType: WebSocketMessageType.Close }:
                    return await CloseAsync(WebSocketCloseStatus.NormalClosure, "", ct);
                case { MessageType: WebSocketMessageType.Binary }:
                    return await CloseAsync(WebSocketCloseStatus.InvalidMessageType, "Frames are text.", ct);
                case { EndOfMessage: true }:
                    return _buffer.AsMemory(0, length);
                case var _ when length == MaxFrame:
                    return await CloseAsync(WebSocketCloseStatus.MessageTooBig, "A frame has at most 16 KiB.", ct);
            }
        }
    }

    public Task SendAsync<T>(T frame, JsonTypeInfo<T> type, CancellationToken ct) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame, type), ct);

    /// <exception cref="WebSocketException">The other side is gone, or took longer than it may.</exception>
    public async Task SendAsync(byte[] frame, CancellationToken ct)
    {
        await _sending.WaitAsync(ct);
        try
        {
            using var timeout = new CancellationTokenSource(sendTimeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
            try
            {
                await socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, either.Token);
            }
            catch (OperationCanceledException e) when (timeout.IsCancellationRequested)
            {
                socket.Abort();
                throw new WebSocketException(
                    WebSocketError.ConnectionClosedPrematurely, "The client stopped reading.", e);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task<ReadOnlyMemory<byte>?> CloseAsync(WebSocketCloseStatus status, string why, CancellationToken ct)
    {
        await _sending.WaitAsync(ct);
        try
        {
            using var timeout = new CancellationTokenSource(sendTimeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
            await socket.CloseOutputAsync(status, why, either.Token);
            return null;
        }
        finally
        {
            _sending.Release();
        }
    }
}
