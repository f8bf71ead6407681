using System.Net.WebSockets;
using System.Text;

namespace Rookery.Platforms.Twitch.Irc;

/// <summary>One connection to Twitch's chat.</summary>
internal sealed class IrcLink : IDisposable
{
    private const int MaxFrame = 256 * 1024;

    /// <summary>How soon an answer to a question for a sign of life must come.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LoginWithin = TimeSpan.FromSeconds(10);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Queue<string> _lines = [];
    private readonly TimeProvider _clock;
    private readonly TimeSpan _quiet;
    private byte[] _buffer = new byte[16 * 1024];

    private IrcLink(TimeSpan quiet, TimeProvider clock) => (_quiet, _clock) = (quiet, clock);

    /// <summary>Connects and logs in.</summary>
    /// <param name="quiet">After so long a silence the other side is asked for a sign of life.</param>
    /// <exception cref="IrcRefusedException">The token does not do.</exception>
    /// <exception cref="WebSocketException">There is no connection, or no welcome in time.</exception>
    public static async Task<IrcLink> OpenAsync(
        Uri address, string login, string token, TimeSpan quiet, TimeProvider clock, CancellationToken ct)
    {
        var link = new IrcLink(quiet, clock);
        try
        {
            using var timer = new CancellationTokenSource(LoginWithin, clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
            try
            {
                await link._socket.ConnectAsync(address, limit.Token);
                await link.SendAsync("CAP REQ :twitch.tv/tags twitch.tv/commands", limit.Token);
                await link.SendAsync($"PASS oauth:{token}", limit.Token);
                await link.SendAsync($"NICK {login}", limit.Token);
                await link.WelcomeAsync(limit.Token);
            }
            catch (OperationCanceledException e) when (timer.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new WebSocketException(WebSocketError.Faulted, "No welcome within ten seconds.", e);
            }

            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    public async Task SendAsync(string line, CancellationToken ct)
    {
        await _sending.WaitAsync(ct);
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(line + "\r\n"), WebSocketMessageType.Text, true, ct);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next line; a question for a sign of life is answered and passed over.</summary>
    /// <exception cref="WebSocketException">None is to come.</exception>
    public async Task<(string Text, IrcLine Line)> ReceiveAsync(CancellationToken ct)
    {
        while (true)
        {
            while (_lines.TryDequeue(out var text))
            {
                if (IrcLine.Parse(text) is not { } line)
                {
                    continue;
                }

                if (line.Command != "PING")
                {
                    return (text, line);
                }

                await SendAsync($"PONG :{string.Join(' ', line.Parameters)}", ct);
            }

            await FillAsync(ct);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task WelcomeAsync(CancellationToken ct)
    {
        while (true)
        {
            var (_, line) = await ReceiveAsync(ct);
            switch (line.Command)
            {
                case "001":
                    return;
                case "NOTICE":
                    throw new IrcRefusedException(line.Text);
                case "CAP" when line.Parameters.Contains("NAK", StringComparer.Ordinal):
                    throw new WebSocketException(WebSocketError.Faulted, "Twitch's chat offers no tags.");
            }
        }
    }

    /// <summary>Reads a frame. A read that is cancelled ends the connection, so silence is measured beside it.</summary>
    private async Task FillAsync(CancellationToken ct)
    {
        var reading = ReadAsync(ct);
        try
        {
            await reading.WaitAsync(_quiet, _clock, ct);
        }
        catch (TimeoutException)
        {
            await SendAsync("PING :rookery", ct);
            await AnsweredAsync(reading, ct);
        }

        var text = Encoding.UTF8.GetString(_buffer, 0, await reading).Replace('\0', '\uFFFD');
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            _lines.Enqueue(line.TrimEnd('\r'));
        }
    }

    private async Task AnsweredAsync(Task reading, CancellationToken ct)
    {
        try
        {
            await reading.WaitAsync(AnswerWithin, _clock, ct);
        }
        catch (TimeoutException e)
        {
            throw new WebSocketException(WebSocketError.Faulted, "Twitch's chat fell silent.", e);
        }
    }

    private async Task<int> ReadAsync(CancellationToken ct)
    {
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), ct);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException(
                    WebSocketError.ConnectionClosedPrematurely,
                    $"Twitch closed the chat: {_socket.CloseStatus} {_socket.CloseStatusDescription}");
            }

            if (part.EndOfMessage)
            {
                return length;
            }

            if (length == MaxFrame)
            {
                throw new WebSocketException(WebSocketError.Faulted, "Twitch's chat sent a frame of more than 256 KiB.");
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(2 * length, MaxFrame));
            }
        }
    }
}

/// <summary>Twitch's chat does not let the bot in.</summary>
/// <param name="needsLogin">True: not before somebody logs in.</param>
internal sealed class IrcRefusedException(string reason, bool needsLogin = false) : Exception(reason)
{
    public bool NeedsLogin { get; } = needsLogin;
}
