using System.Net.WebSockets;
using System.Text.Json;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>One connection to EventSub.</summary>
internal sealed class EventSubLink : IDisposable
{
    private const int MaxFrame = 1024 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly TimeProvider _clock;
    private byte[] _buffer = new byte[16 * 1024];

    private EventSubLink(Uri home, TimeProvider clock)
    {
        _clock = clock;
        Session = new EventSubSession(home);
    }

    public EventSubSession Session { get; }

    /// <summary>Why no more frames come.</summary>
    public string End { get; private set; } = "";

    /// <summary>Connects and waits for the welcome.</summary>
    /// <exception cref="WebSocketException">There is no connection, or no welcome in time.</exception>
    public static async Task<EventSubLink> OpenAsync(Uri home, Uri address, TimeProvider clock, CancellationToken ct)
    {
        var link = new EventSubLink(home, clock);
        try
        {
            using var timer = new CancellationTokenSource(EventSubSession.WelcomeWithin, clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
            try
            {
                await link._socket.ConnectAsync(address, limit.Token);
            }
            catch (OperationCanceledException e) when (timer.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new WebSocketException(WebSocketError.Faulted, "No connection within ten seconds.", e);
            }

            while (link.Session.Id is null)
            {
                if (await link.ReceiveAsync(ct) is not { } frame)
                {
                    throw new WebSocketException(WebSocketError.Faulted, $"No welcome: {link.End}.");
                }

                link.Session.On(frame);
            }

            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>The next frame that can be read as one.</summary>
    /// <returns>Null when none is to come; <see cref="End"/> says why.</returns>
    public async Task<EventSubFrame?> ReceiveAsync(CancellationToken ct)
    {
        while (true)
        {
            using var timer = new CancellationTokenSource(Session.Patience, _clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
            try
            {
                if (await ReadAsync(limit.Token) is not { } length)
                {
                    return null;
                }

                return JsonSerializer.Deserialize(_buffer.AsSpan(0, length), TwitchJson.Default.EventSubFrame);
            }
            catch (JsonException)
            {
                // Not a frame of this protocol; the next may be one.
            }
            catch (OperationCanceledException) when (timer.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                End = $"silent for {Session.Patience.TotalSeconds:0} s";
                return null;
            }
            catch (WebSocketException e)
            {
                End = e.Message;
                return null;
            }
        }
    }

    /// <summary>Says goodbye; what the other side sends until it says the same can still be received.</summary>
    public async Task CloseAsync(CancellationToken ct)
    {
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ct);
        }
        catch (WebSocketException)
        {
            // It is gone already.
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <returns>The length of a whole message in the buffer; null when the other side closed.</returns>
    private async Task<int?> ReadAsync(CancellationToken ct)
    {
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), ct);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                var code = (int?)_socket.CloseStatus ?? 1005;
                End = $"{code} {EventSubSession.Explain(code)}";
                return null;
            }

            if (part.EndOfMessage)
            {
                return length;
            }

            if (length == MaxFrame)
            {
                End = "a frame of more than 1 MiB";
                return null;
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(2 * length, MaxFrame));
            }
        }
    }
}
