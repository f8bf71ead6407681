using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rookery.Platforms.Tests;

/// <summary>A client of the sandbox socket, as a page is one.</summary>
internal sealed class TestSocket : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public ClientWebSocket Socket { get; } = new();

    public static async Task<TestSocket> OpenAsync(TestHost host, string? key = null, HttpMessageInvoker? over = null)
    {
        var socket = new TestSocket();
        socket.Socket.Options.AddSubProtocol("rookery");
        socket.Socket.Options.AddSubProtocol($"key.{key ?? host.AdminKey}");
        await socket.ConnectAsync(host, over);
        return socket;
    }

    public async Task ConnectAsync(TestHost host, HttpMessageInvoker? over = null)
    {
        Socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(host.Address) { Scheme = "ws", Path = "/api/v1/sandbox/socket" }.Uri;
        await Socket.ConnectAsync(address, over, TestContext.Current.CancellationToken);
    }

    /// <returns>The joined frame.</returns>
    public async Task<JsonObject> JoinAsync(string channel, long? after = null)
    {
        await SendAsync(new JsonObject { ["type"] = "join", ["channel"] = channel, ["after"] = after });
        return await NextAsync("joined");
    }

    public Task SayAsync(string text, string user = "ada", string? reference = null, string role = "member") => SendAsync(new JsonObject
    {
        ["type"] = "say",
        ["text"] = text,
        ["user_id"] = user,
        ["user_name"] = user,
        ["role"] = role,
        ["ref"] = reference,
    });

    public Task SendAsync(JsonNode frame) => SendAsync(frame.ToJsonString());

    public Task SendAsync(string text, WebSocketMessageType type = WebSocketMessageType.Text) =>
        Socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), type, true, TestContext.Current.CancellationToken).AsTask();

    /// <summary>The next frame of one of the types; others are passed over.</summary>
    public async Task<JsonObject> NextAsync(params string[] types)
    {
        while (await ReceiveAsync() is { } frame)
        {
            if (types.Contains(frame["type"]!.GetValue<string>()))
            {
                return frame;
            }
        }

        throw new InvalidOperationException(
            $"The socket closed ({Socket.CloseStatus}) instead of sending {string.Join(" or ", types)}.");
    }

    /// <summary>The bodies of the next messages.</summary>
    public async Task<List<string>> BodiesAsync(int count)
    {
        var bodies = new List<string>();
        while (bodies.Count < count)
        {
            bodies.Add((await NextAsync("message"))["message"]!["body"]!.GetValue<string>());
        }

        return bodies;
    }

    /// <returns>The next frame; null when the server closes.</returns>
    public async Task<JsonObject?> ReceiveAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        using var frame = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await Socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            frame.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return JsonSerializer.Deserialize<JsonObject>(frame.ToArray());
            }
        }
    }

    public void Dispose() => Socket.Dispose();
}
