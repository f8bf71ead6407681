using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Tests;

public sealed class SandboxSocketTests(TestHost host) : IClassFixture<TestHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_sockets_see_each_other_and_the_bot()
    {
        var channel = await host.NewChannelAsync();
        using var ada = await TestSocket.OpenAsync(host);
        using var bob = await TestSocket.OpenAsync(host);
        ada.Socket.SubProtocol.ShouldBe("rookery");
        await ada.JoinAsync(channel);
        await bob.JoinAsync(channel);

        await ada.SayAsync("hello", reference: "1");
        (await ada.NextAsync("said"))["outcome"]!.GetValue<string>().ShouldBe("ignored");
        await bob.SayAsync("!ping", "bob", "2");

        (await ada.BodiesAsync(2)).ShouldBe(["!ping", "Pong!"]);
        (await bob.BodiesAsync(3)).ShouldBe(["hello", "!ping", "Pong!"]);
    }

    [Fact]
    public async Task A_client_that_comes_back_gets_what_it_missed_and_nothing_twice()
    {
        var channel = await host.NewChannelAsync();
        long position;
        using (var before = await TestSocket.OpenAsync(host))
        {
            await before.JoinAsync(channel);
            await host.SayInAsync(channel, "one");
            position = (await before.NextAsync("message"))["message"]!["position"]!.GetValue<long>();
        }

        var two = (await host.SayInAsync(channel, "two"))["message"]!["id"]!.ToString();
        await host.SayInAsync(channel, "three");
        await DeleteAsync(channel, two);

        using var after = await TestSocket.OpenAsync(host);
        (await after.JoinAsync(channel, position))["reset"]!.GetValue<bool>().ShouldBeFalse();
        (await after.NextAsync("message", "deleted"))["message"]!["body"]!.GetValue<string>().ShouldBe("three");
        var deleted = await after.NextAsync("message", "deleted");
        deleted["type"]!.GetValue<string>().ShouldBe("deleted");
        deleted["message"]!["deleted_reason"]!.GetValue<string>().ShouldBe("Rule 1");
        await host.SayInAsync(channel, "four");
        (await after.NextAsync("message", "deleted"))["message"]!["body"]!.GetValue<string>().ShouldBe("four");
    }

    [Fact]
    public async Task A_client_that_missed_too_much_starts_afresh()
    {
        var channel = await host.NewChannelAsync();
        var first = (await host.SayInAsync(channel, "first"))["message"]!["position"]!.GetValue<long>();
        await FloodAsync(host, channel, 600, "x");
        using var socket = await TestSocket.OpenAsync(host);

        foreach (var after in new[] { first, long.MaxValue })
        {
            var joined = await socket.JoinAsync(channel, after);
            joined["reset"]!.GetValue<bool>().ShouldBeTrue();
            joined["messages"]!.AsArray().Count.ShouldBe(100);
            joined["next_cursor"].ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Writers_side_by_side_hide_nothing_from_a_client_that_keeps_reconnecting()
    {
        var channel = await host.NewChannelAsync();
        var sender = host.Services.GetServices<ISender>().Single(s => s.Name == "sandbox");
        var target = new ChannelId(Platform.Sandbox, null, channel);
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 25; i++)
            {
                var said = new SendMessage(
                    target, new ModuleResponse("test", true, "chat", ChatMessage: $"{writer}.{i}"));
                (await sender.SendAsync(said, $"{channel}:{writer}.{i}", Ct)).Ok.ShouldBeTrue();
            }
        }));

        var seen = new List<string>();
        long? position = 0;
        while (seen.Count < 200)
        {
            using var socket = await TestSocket.OpenAsync(host);
            (await socket.JoinAsync(channel, position))["reset"]!.GetValue<bool>().ShouldBeFalse();
            for (var i = 0; i < 23 && seen.Count < 200; i++)
            {
                var message = (await socket.NextAsync("message"))["message"]!;
                message["position"]!.GetValue<long>().ShouldBeGreaterThan(position.Value);
                position = message["position"]!.GetValue<long>();
                seen.Add(message["body"]!.GetValue<string>());
            }
        }

        await writing;
        seen.Distinct(StringComparer.Ordinal).Count().ShouldBe(200);
    }

    [Fact]
    public async Task Lines_of_one_client_keep_their_order()
    {
        var channel = await host.NewChannelAsync();
        using var socket = await TestSocket.OpenAsync(host);
        await socket.JoinAsync(channel);
        var lines = Enumerable.Range(1, 40).Select(i => $"line {i}").ToList();

        foreach (var line in lines)
        {
            await socket.SayAsync(line);
        }

        (await socket.BodiesAsync(40)).ShouldBe(lines);
    }

    [Theory]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("</script><script>alert(1)</script>")]
    [InlineData("ⱥ̸̢ ﷽ 👩‍👩‍👧‍👦 \u202E right to left")]
    public async Task Text_comes_as_it_was_said(string text)
    {
        var channel = await host.NewChannelAsync();
        using var socket = await TestSocket.OpenAsync(host);
        await socket.JoinAsync(channel);

        await socket.SayAsync(text);

        (await socket.BodiesAsync(1)).ShouldBe([text]);
    }

    [Theory]
    [InlineData("nonsense", 400)]
    [InlineData("null", 400)]
    [InlineData("[1]", 400)]
    [InlineData("""{"type":"typing"}""", 400)]
    [InlineData("""{"type":"join"}""", 404)]
    [InlineData("""{"type":"join","channel":"no\u0000where"}""", 404)]
    [InlineData("""{"type":"join","channel":7}""", 400)]
    [InlineData("""{"type":"say","text":"hi","user_id":"a","user_name":"a"}""", 400)]
    public async Task A_wrong_frame_is_answered_and_the_socket_lives(string frame, int status)
    {
        using var socket = await TestSocket.OpenAsync(host);

        await socket.SendAsync(frame);

        (await socket.NextAsync("error"))["status"]!.GetValue<int>().ShouldBe(status);
        await socket.JoinAsync("lobby");
        await socket.SayAsync("", reference: "mine");
        var error = await socket.NextAsync("error");
        error["ref"]!.GetValue<string>().ShouldBe("mine");
        error["errors"]![0]!["field"]!.GetValue<string>().ShouldBe("text");
    }

    [Fact]
    public async Task A_frame_has_at_most_16_kibibytes_of_text()
    {
        using var fits = await TestSocket.OpenAsync(host);
        await fits.SendAsync(new string('x', 16 * 1024));
        (await fits.NextAsync("error"))["status"]!.GetValue<int>().ShouldBe(400);

        using var tooBig = await TestSocket.OpenAsync(host);
        await tooBig.SendAsync(new string('x', (16 * 1024) + 1));
        (await tooBig.ReceiveAsync()).ShouldBeNull();
        tooBig.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.MessageTooBig);

        using var binary = await TestSocket.OpenAsync(host);
        await binary.SendAsync("{}", WebSocketMessageType.Binary);
        (await binary.ReceiveAsync()).ShouldBeNull();
        binary.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.InvalidMessageType);
    }

    [Fact]
    public async Task Only_a_key_with_the_scope_opens_a_socket()
    {
        var (_, other) = await host.Get<ApiKeys>().CreateAsync(
            "no sandbox", [Scopes.MemoriesRead], null, 0, null, "test", Ct);

        (await RefusedAsync(s => s.AddSubProtocol("rookery"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await RefusedAsync(s => s.AddSubProtocol("key.rk_wrong"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await RefusedAsync(s => s.AddSubProtocol($"key.{other}"))).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Only_pages_of_this_server_open_a_socket()
    {
        foreach (var origin in new[] { "https://evil.example", "null", $"http://{host.Address.Host}:1" })
        {
            (await RefusedAsync(s =>
            {
                s.AddSubProtocol($"key.{host.AdminKey}");
                s.SetRequestHeader("Origin", origin);
            })).ShouldBe(HttpStatusCode.Forbidden, origin);
        }

        using var own = new TestSocket();
        own.Socket.Options.SetRequestHeader("X-API-Key", host.AdminKey);
        own.Socket.Options.SetRequestHeader("Origin", $"https://{host.Address.Authority}");
        await own.ConnectAsync(host);
        await own.JoinAsync("lobby");
    }

    [Fact]
    public async Task A_revoked_key_loses_its_socket_and_others_keep_theirs()
    {
        var keys = host.Get<ApiKeys>();
        var (key, secret) = await keys.CreateAsync("short-lived", [Scopes.Sandbox], null, 0, null, "test", Ct);
        using var losing = await TestSocket.OpenAsync(host, secret);
        using var staying = await TestSocket.OpenAsync(host);
        await losing.JoinAsync("lobby");

        await keys.RevokeAsync(key.Id, Ct);

        await Should.ThrowAsync<WebSocketException>(losing.ReceiveAsync());
        await staying.JoinAsync("lobby");
    }

    [Fact]
    public async Task A_plain_request_is_told_what_the_address_is_for()
    {
        using var response = await host.Http.GetAsync("/api/v1/sandbox/socket", Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    /// <summary>Many long lines at once, as one statement.</summary>
    internal static Task FloodAsync(TestHost host, string channel, int count, string body) => host.Get<Database>().Write.ExecuteAsync(
        $"""
        insert into sandbox.messages (channel, author_id, author_name, body, created_at)
        select {channel}, 'flood', 'flood', {body}, now() from generate_series(1, {count})
        """,
        Ct);

    private async Task DeleteAsync(string channel, string id)
    {
        var sender = host.Services.GetServices<ISender>().Single(s => s.Name == "sandbox");
        (await sender.SendAsync(new DeleteMessage(new ChannelId(Platform.Sandbox, null, channel), $"line-{id}", "Rule 1"), $"delete:{id}", Ct)).Ok.ShouldBeTrue();
    }

    private async Task<HttpStatusCode> RefusedAsync(Action<ClientWebSocketOptions> set)
    {
        using var socket = new TestSocket();
        set(socket.Socket.Options);
        await Should.ThrowAsync<WebSocketException>(socket.ConnectAsync(host));
        return socket.Socket.HttpStatusCode;
    }
}
