using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Tests;

/// <summary>
/// A host whose sandbox is tight, whose router is full when told so, and whose moderation dislikes spam.
/// </summary>
public sealed class PressedHost : TestHost
{
    public PressedHost()
    {
        Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Modules:sandbox:MaxConnections"] = "3",
            ["Modules:sandbox:SendTimeout"] = "00:00:00.500",
        };
        Configure = services =>
        {
            services.AddSingleton<IMessageScreen, NoSpam>();
            var router = services.Last(s => s.ServiceType == typeof(IEventTransport));
            services.AddSingleton<IEventTransport>(p => new Gate((IEventTransport)router.ImplementationFactory!(p)));
        };
    }

    private sealed class Gate(IEventTransport router) : IEventTransport
    {
        public ValueTask<Routed> DeliverAsync(InboundEvent e, CancellationToken ct) => e.Text != "too much" ? router.DeliverAsync(e, ct) : new(new Routed
        {
            EventId = Guid.NewGuid(),
            EntityId = e.Channel.ToString(),
            Outcome = Outcome.Overloaded,
            RetryAfter = TimeSpan.FromSeconds(2),
        });
    }

    private sealed class NoSpam : IMessageScreen
    {
        public ValueTask<Verdict> ScreenAsync(InboundEvent message, Entity entity, Member member, CancellationToken ct) =>
            new(message.Text == "spam" ? new Verdict(VerdictKind.Block, 7, Text: "No spam here.") : Verdict.Pass);

        public NpgsqlBatchCommand? Count(IReadOnlyList<Ruling> rulings, InboxClaims claims) => null;
    }
}

public sealed class SandboxUnderPressureTests(PressedHost host) : IClassFixture<PressedHost>
{
    private const int Flood = 3000;
    private static readonly string LongBody = new('€', 2000);

    [Fact]
    public async Task A_client_that_stops_reading_is_dropped_and_nobody_else_notices()
    {
        var channel = await host.NewChannelAsync();
        using var narrow = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = ConnectNarrowAsync });
        using var slow = await TestSocket.OpenAsync(host, over: narrow);
        using var quick = await TestSocket.OpenAsync(host);
        await slow.JoinAsync(channel);
        await quick.JoinAsync(channel);

        await SandboxSocketTests.FloodAsync(host, channel, Flood, LongBody);

        (await quick.BodiesAsync(Flood)).ShouldAllBe(b => b == LongBody);
        var open = new List<TestSocket>();
        await TestHost.EventuallyAsync(() => OpenOneAsync(open), "a place is free");
        await TestHost.EventuallyAsync(() => OpenOneAsync(open), "the slow client is dropped");
        open.ForEach(s => s.Dispose());
        await Should.ThrowAsync<WebSocketException>(() => slow.BodiesAsync(Flood));
        await quick.SayAsync("!ping");
        (await quick.BodiesAsync(2)).ShouldBe(["!ping", "Pong!"]);
    }

    [Fact]
    public async Task One_connection_more_than_there_may_be_is_refused()
    {
        var open = new List<TestSocket>();
        for (var i = 0; i < 3; i++)
        {
            await TestHost.EventuallyAsync(() => OpenOneAsync(open), "the sockets of the test before are gone");
        }

        (await TryOpenAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);
        open[0].Dispose();
        await TestHost.EventuallyAsync(() => OpenOneAsync(open), "a place is free again");
        open.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task A_line_the_router_has_no_room_for_is_taken_back()
    {
        var channel = await host.NewChannelAsync();
        using var socket = await TestSocket.OpenAsync(host);
        await socket.JoinAsync(channel);

        using var refused = await host.Http.PostLineAsync(channel, "too much");
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        await socket.SayAsync("too much", reference: "r");

        var error = await socket.NextAsync("error");
        error["ref"]!.GetValue<string>().ShouldBe("r");
        error["status"]!.GetValue<int>().ShouldBe(503);
        error["retry_after"]!.GetValue<double>().ShouldBe(2);
        var items = (await host.Http.SandboxAsync($"channels/{channel}/messages"))["items"]!.AsArray();
        items.Count.ShouldBe(2);
        items.ShouldAllBe(m => m!["deleted_at"] != null);
    }

    [Fact]
    public async Task What_moderation_blocks_is_seen_to_go()
    {
        var channel = await host.NewChannelAsync();
        using var socket = await TestSocket.OpenAsync(host);
        await socket.JoinAsync(channel);

        await socket.SayAsync("spam", reference: "1");

        var frames = new List<JsonObject>();
        while (frames.Count < 4)
        {
            frames.Add(await socket.NextAsync("message", "deleted", "said"));
        }

        frames.Single(f => f["type"]!.GetValue<string>() == "said")["outcome"]!.GetValue<string>().ShouldBe("blocked");
        var deleted = frames.Single(f => f["type"]!.GetValue<string>() == "deleted")["message"]!;
        deleted["body"]!.GetValue<string>().ShouldBe("spam");
        deleted["deleted_reason"]!.GetValue<string>().ShouldBe("Rule 7");
        frames.Count(f => f["message"]?["body"]?.GetValue<string>() == "No spam here.").ShouldBe(1);
    }

    private async Task<bool> OpenOneAsync(List<TestSocket> open)
    {
        try
        {
            open.Add(await TestSocket.OpenAsync(host));
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }

    private async Task<HttpStatusCode> TryOpenAsync()
    {
        using var socket = new TestSocket();
        socket.Socket.Options.SetRequestHeader("X-API-Key", host.AdminKey);
        await Should.ThrowAsync<WebSocketException>(socket.ConnectAsync(host));
        return socket.Socket.HttpStatusCode;
    }

    private static async ValueTask<Stream> ConnectNarrowAsync(
        SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8 * 1024 };
        await socket.ConnectAsync(context.DnsEndPoint, ct);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
