using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel;

namespace Rookery.Host.Cli;

/// <summary>Something the person at the terminal should read.</summary>
internal sealed class SandboxClientException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Talks to a running server's sandbox, over the same API as the page.</summary>
internal sealed class SandboxClient : IDisposable
{
    private const int MaxFrame = 4 * 1024 * 1024;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(6) };
    private readonly string _key;
    private long? _position;

    public SandboxClient(ChatTarget target)
    {
        Address = target.Address;
        _key = target.Key;
        _http.BaseAddress = Address;
        _http.DefaultRequestHeaders.Add("X-API-Key", _key);
    }

    public Uri Address { get; }

    /// <summary>Says something and waits for what comes of it.</summary>
    /// <returns>The stored message, the outcome and the responses.</returns>
    /// <exception cref="SandboxClientException">The server does not answer or refuses.</exception>
    public async Task<JsonObject> SayAsync(Speaker speaker, string text, CancellationToken ct)
    {
        var path = $"/api/v1/sandbox/channels/{Uri.EscapeDataString(speaker.Channel)}/messages";
        var line = new JsonObject
        {
            ["user_id"] = speaker.User.ToLowerInvariant(),
            ["user_name"] = speaker.User,
            ["role"] = speaker.Role,
            ["text"] = text,
        };
        return await SendAsync(() => _http.PostAsJsonAsync(path, line, ct), ct);
    }

    /// <summary>What the bot says after a line, for a line whose answers come by themselves, as those of workflows do.</summary>
    /// <returns>Empty when nothing came for <paramref name="patience"/>.</returns>
    /// <exception cref="SandboxClientException">The server does not answer or refuses.</exception>
    public async Task<IReadOnlyList<string>> LateAnswersAsync(Speaker speaker, JsonObject said, TimeSpan patience, CancellationToken ct)
    {
        var position = said["message"]!["position"]!.GetValue<long>();
        var path = $"/api/v1/sandbox/channels/{Uri.EscapeDataString(speaker.Channel)}/messages?limit=20&after={position}";
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < patience)
        {
            var news = (await SendAsync(() => _http.GetAsync(path, ct), ct))["items"]!.AsArray();
            if (news.Where(m => m!["is_bot"]!.GetValue<bool>()).Select(m => Clean(m!["body"]!.GetValue<string>())).ToList() is { Count: > 0 } answers)
            {
                return answers;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), ct);
        }

        return [];
    }

    /// <summary>Looks like a command, but nothing took it for one.</summary>
    public static bool IsUnknown(JsonObject said, string text) =>
        text is ['!' or '#', not ' ', ..] && said["outcome"]?.GetValue<string>() == "ignored";

    /// <summary>A command took it, and what it says is not in the answer.</summary>
    public static bool IsAnsweredLater(JsonObject said) =>
        said["outcome"]?.GetValue<string>() == "replied" && said["responses"]!.AsArray().Count == 0;

    /// <summary>Makes the channel when it is missing.</summary>
    /// <exception cref="SandboxClientException">The server does not answer, or the channel's name is none.</exception>
    public Task EnsureChannelAsync(string channel, CancellationToken ct) => SendAsync(
        () => _http.PostAsJsonAsync("/api/v1/sandbox/channels", new { name = channel }, ct), ct, HttpStatusCode.Conflict);

    /// <summary>What the bot answered, one text for each answer.</summary>
    public static IReadOnlyList<string> Answers(JsonObject said) => [.. said["responses"]!.AsArray().Select(r => Clean(
        (r!["chat_message"] ?? r["ticker_text"] ?? r["media_url"] ?? r["response_data"])?.ToString() ?? ""))];

    /// <summary>
    /// Shows every message of a channel until cancelled; comes back after a lost connection and misses nothing.
    /// </summary>
    /// <exception cref="SandboxClientException">The server does not take the key (any more).</exception>
    public async Task ListenAsync(string channel, Action<JsonNode> show, Action<string> note, CancellationToken ct)
    {
        for (var failures = 0; !ct.IsCancellationRequested; failures++)
        {
            var before = _position;
            try
            {
                await ListenOnceAsync(channel, show, note, ct);
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException && !ct.IsCancellationRequested)
            {
                if (failures == 0)
                {
                    note($"The connection is lost; trying again. ({e.Message})");
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }

            failures = _position == before ? failures : 0;
            await Task.Delay(
                TimeSpan.FromSeconds(1) + Reconnect.Delay(Math.Min(failures, 5), Random.Shared.NextDouble()), ct)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Keeps what others wrote from steering the terminal.</summary>
    public static string Clean(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) && c is not '\n' ? '\uFFFD' : c));

    public void Dispose() => _http.Dispose();

    private async Task ListenOnceAsync(string channel, Action<JsonNode> show, Action<string> note, CancellationToken ct)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("rookery");
        socket.Options.SetRequestHeader("X-API-Key", _key);
        var address =
            new UriBuilder(new Uri(Address, "/api/v1/sandbox/socket")) { Scheme = Address.Scheme == "https" ? "wss" : "ws" };
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(address.Uri, ct);
        }
        catch (WebSocketException e) when (
            socket.HttpStatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new SandboxClientException(
                $"The server at {Address} does not take this key. If it was started again, start the chat again, too.",
                e);
        }

        var join = new JsonObject { ["type"] = "join", ["channel"] = channel, ["after"] = _position };
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(join), WebSocketMessageType.Text, true, ct);
        while (await ReceiveAsync(socket, ct) is { } frame)
        {
            switch (frame["type"]?.GetValue<string>())
            {
                case "joined":
                    foreach (var earlier in frame["messages"]!.AsArray().Reverse())
                    {
                        show(earlier!);
                    }

                    _position = frame["position"]!.GetValue<long>();
                    break;
                case "message" or "deleted":
                    show(frame["message"]!);
                    _position = frame["message"]!["position"]!.GetValue<long>();
                    break;
                case "error":
                    note(frame["detail"]!.GetValue<string>());
                    break;
            }
        }
    }

    private static async Task<JsonNode?> ReceiveAsync(ClientWebSocket socket, CancellationToken ct)
    {
        var buffer = new byte[16 * 1024];
        using var frame = new MemoryStream();
        while (frame.Length < MaxFrame)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), ct);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            frame.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return JsonNode.Parse(frame.GetBuffer().AsSpan(0, (int)frame.Length));
            }
        }

        throw new WebSocketException("The server sent a frame that is too long.");
    }

    private async Task<JsonObject> SendAsync(Func<Task<HttpResponseMessage>> send, CancellationToken ct, HttpStatusCode? alsoGood = null)
    {
        try
        {
            using var response = await send();
            var answer = await response.Content.ReadFromJsonAsync<JsonObject>(ct);
            return response.IsSuccessStatusCode || response.StatusCode == alsoGood
                ? answer!
                : throw new SandboxClientException(Refusal(answer));
        }
        catch (Exception e) when (
            e is HttpRequestException or SocketException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw Silent(e);
        }
    }

    private static string Refusal(JsonObject? problem)
    {
        var errors = problem?["errors"]?.AsArray().Select(e => $"{e!["field"]}: {e["message"]}");
        return errors is null ? problem?["detail"]?.ToString() ?? "The server refused." : string.Join('\n', errors);
    }

    private SandboxClientException Silent(Exception e) =>
        new($"The server at {Address} does not answer as Rookery does. Is it running? ./run starts it.", e);
}
