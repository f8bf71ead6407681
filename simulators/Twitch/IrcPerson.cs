using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;

namespace Rookery.Simulators.Twitch;

/// <summary>A connection to <see cref="IrcServer"/>.</summary>
internal sealed class IrcPerson(WebSocket socket) : IDisposable
{
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly byte[] _buffer = new byte[16 * 1024];

    public string? Token { get; set; }

    public string Login { get; set; } = "";

    public string UserId { get; set; } = "";

    public bool IsIn => Login.Length > 0;

    public bool IsSilent { get; set; }

    /// <summary>By their names.</summary>
    public ConcurrentDictionary<string, bool> Channels { get; } = new(StringComparer.Ordinal);

    public string Source => $"{Login}!{Login}@{Login}.tmi.twitch.tv";

    /// <returns>The lines of a message; null when the client closed.</returns>
    public async Task<string[]?> ReceiveAsync(CancellationToken ct)
    {
        var part = await socket.ReceiveAsync(_buffer.AsMemory(), ct);
        return part.MessageType == WebSocketMessageType.Close
            ? null
            : Encoding.UTF8.GetString(_buffer, 0, part.Count).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task SendAsync(string line)
    {
        if (IsSilent || socket.State != WebSocketState.Open)
        {
            return;
        }

        await _sending.WaitAsync();
        try
        {
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(line + "\r\n").AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // It went away meanwhile; its reader ends by itself.
        }
        finally
        {
            _sending.Release();
        }
    }

    public async Task CloseAsync()
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // It went away meanwhile.
        }
    }

    public void Abort() => socket.Abort();

    public void Dispose() => _sending.Dispose();
}
