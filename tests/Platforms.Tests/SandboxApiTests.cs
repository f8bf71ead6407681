using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Tests;

public sealed class SandboxApiTests(TestHost host) : IClassFixture<TestHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_line_is_stored_and_answered()
    {
        var channel = await host.NewChannelAsync();

        var said = await host.SayInAsync(channel, "!ping");

        said["outcome"]!.GetValue<string>().ShouldBe("replied");
        said["status"]!.GetValue<string>().ShouldBe("success");
        TestHost.Lines(said).ShouldBe(["Pong!"]);
        var items = (await host.Http.SandboxAsync($"channels/{channel}/messages"))["items"]!.AsArray();
        items.Select(m => m!["body"]!.GetValue<string>()).ShouldBe(["Pong!", "!ping"]);
        items[0]!["is_bot"]!.GetValue<bool>().ShouldBeTrue();
        items[0]!["reply_to"]!.GetValue<long>().ShouldBe(said["message"]!["id"]!.GetValue<long>());
        items[0]!["mention"]!.GetValue<string>().ShouldBe("ada");
    }

    [Fact]
    public async Task Events_posted_for_a_sandbox_channel_take_no_line_its_id()
    {
        var channel = await host.NewChannelAsync();
        var last = (await host.SayInAsync(channel, "hello"))["message"]!["id"]!.GetValue<long>();
        for (var id = last + 1; id <= last + 20; id++)
        {
            await host.SayAsync("hello", channel: channel, messageId: id.ToString(CultureInfo.InvariantCulture));
        }

        (await host.SayInAsync(channel, "!ping"))["outcome"]!.GetValue<string>().ShouldBe("replied");
    }

    [Theory]
    [InlineData("", "ada", null, "text")]
    [InlineData(null, "ada", null, "text")]
    [InlineData("a\0b", "ada", null, "text")]
    [InlineData("hi", null, null, "user_id")]
    [InlineData("hi", "", null, "user_id")]
    [InlineData("hi", "ada", "king", "role")]
    public async Task A_wrong_line_is_named_and_changes_nothing(string? text, string? user, string? role, string field)
    {
        var channel = await host.NewChannelAsync();

        using var response = await host.Http.PostLineAsync(channel, text, user, role);

        var problem = await response.ReadAsync(HttpStatusCode.BadRequest);
        problem["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()).ShouldContain(f => f == field);
        (await host.Http.SandboxAsync($"channels/{channel}/messages")).Bodies().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_line_has_at_most_2000_characters()
    {
        var channel = await host.NewChannelAsync();
        var longest = new string('ä', 2000);

        using var tooLong = await host.Http.PostLineAsync(channel, longest + "x");
        await tooLong.ReadAsync(HttpStatusCode.BadRequest);
        await host.SayInAsync(channel, longest);

        (await host.Http.SandboxAsync($"channels/{channel}/messages")).Bodies().ShouldBe([longest]);
    }

    [Fact]
    public async Task Naughty_strings_are_stored_unchanged_or_refused()
    {
        var path = Path.Combine(TestPostgres.RepositoryRoot(), "..", "shared", "data", "blns.json");
        if (!File.Exists(path))
        {
            Assert.Skip($"The naughty strings are not here: {path}");
        }

        var strings = JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(path, Ct))!;
        await Task.WhenAll(strings.Chunk(40).Select(async some =>
        {
            var channel = await host.NewChannelAsync();
            foreach (var text in some)
            {
                using var said = await host.Http.PostLineAsync(channel, text, text.Length is > 0 and < 256 ? text : "ada");
                said.StatusCode.ShouldBe(text.Length == 0 ? HttpStatusCode.BadRequest : HttpStatusCode.OK, text);
                using var named = await host.Http.GetAsync(new Uri($"/api/v1/sandbox/channels/{Uri.EscapeDataString(text)}/messages", UriKind.Relative), Ct);
                ((int)named.StatusCode).ShouldBeLessThan(500, text);
            }

            var stored =
                (await host.Http.SandboxAsync($"channels/{channel}/messages?after=0&limit=200"))["items"]!.AsArray();
            stored.Where(m => !m!["is_bot"]!.GetValue<bool>())
                .Select(m => m!["body"]!.GetValue<string>())
                .ShouldBe(some.Where(s => s.Length > 0));
        }));
    }

    [Fact]
    public async Task Pages_lead_from_the_newest_message_to_the_oldest()
    {
        var channel = await host.NewChannelAsync();
        for (var i = 1; i <= 5; i++)
        {
            await host.SayInAsync(channel, i.ToString(CultureInfo.InvariantCulture));
        }

        var first = await host.Http.SandboxAsync($"channels/{channel}/messages?limit=2");
        var second = await host.Http.SandboxAsync($"channels/{channel}/messages?limit=2&cursor={first["next_cursor"]}");
        var third = await host.Http.SandboxAsync($"channels/{channel}/messages?limit=2&cursor={second["next_cursor"]}");

        first.Bodies().Concat(second.Bodies()).Concat(third.Bodies()).ShouldBe(["5", "4", "3", "2", "1"]);
        third["next_cursor"].ShouldBeNull();
        var position = second["items"]![1]!["position"];
        (await host.Http.SandboxAsync($"channels/{channel}/messages?after={position}"))
            .Bodies()
            .ShouldBe(["3", "4", "5"]);
    }

    [Fact]
    public async Task A_channel_is_made_once_and_audited()
    {
        var name = await host.NewChannelAsync();

        using var again = await host.Http.PostAsync("/api/v1/sandbox/channels", Json(new { name }), Ct);

        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var names = (await host.Http.SandboxAsync("channels?limit=200"))["items"]!.AsArray().Select(
            c => c!["name"]!.GetValue<string>());
        names.ShouldContain(n => n == "lobby");
        names.Count(n => n == name).ShouldBe(1);
        var audit = await host.Get<AuditLog>().ListAsync(
            0, "sandbox.channel_created", null, new PageQuery(200, null), Ct);
        audit.Count(a => a.Details!.Value.GetProperty("name").GetString() == name).ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("Two Words")]
    [InlineData("-dash")]
    [InlineData("a/b")]
    [InlineData("<script>")]
    [InlineData("012345678901234567890123456789012345678901234567890")]
    public async Task A_channel_needs_a_plain_name(string? name)
    {
        using var response = await host.Http.PostAsync("/api/v1/sandbox/channels", Json(new { name }), Ct);

        (await response.ReadAsync(HttpStatusCode.BadRequest))["errors"]![0]!["field"]!.GetValue<string>().ShouldBe("name");
    }

    [Fact]
    public async Task A_channel_that_is_not_there_is_not_found()
    {
        using var response = await host.Http.PostLineAsync("nowhere", "hello?");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await host.Http.SandboxAsync("channels/nowhere/messages", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_key_of_one_community_sees_only_its_channels()
    {
        var (mine, theirs) = (await host.NewChannelAsync(), await host.NewChannelAsync());
        await host.SayInAsync(theirs, "secret");
        var entity = await host.Get<EntityDirectory>().ResolveAsync(new ChannelId(Platform.Sandbox, null, mine), Ct);
        var (_, key) = await host.Get<ApiKeys>().CreateAsync(
            "bound", [Scopes.Sandbox], entity.CommunityId, 0, null, "test", Ct);
        using var bound = host.Client(key);

        (await bound.SandboxAsync("channels"))["items"]!.AsArray()
            .Select(c => c!["name"]!.GetValue<string>())
            .ShouldBe([mine]);
        using (var said = await bound.PostLineAsync(mine, "hello"))
        {
            said.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await bound.SandboxAsync($"channels/{theirs}/messages", HttpStatusCode.NotFound);
        using (var refused = await bound.PostLineAsync(theirs, "hello"))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        using var made = await bound.PostAsync("/api/v1/sandbox/channels", Json(new { name = "mine-too" }), Ct);
        made.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var socket = await TestSocket.OpenAsync(host, key);
        await socket.SendAsync(new JsonObject { ["type"] = "join", ["channel"] = theirs, ["ref"] = "1" });
        (await socket.NextAsync("error", "joined"))["status"]!.GetValue<int>().ShouldBe(404);
    }

    [Fact]
    public async Task A_person_s_messages_can_be_exported_and_erased()
    {
        var (channel, person) = (await host.NewChannelAsync(), $"person-{Guid.NewGuid():N}");
        await host.SayInAsync(channel, "!ping", person);
        await host.SayInAsync(channel, "somebody else's", "bob");
        var data = host.Services.GetServices<IPersonalData>().Single(p => p.Name == "sandbox.messages");
        var db = host.Get<Database>();

        (await data.ExportAsync(db.Write, Platform.Sandbox, person, Ct))
            .Select(m => m!["body"]!.GetValue<string>())
            .ShouldBe(["!ping", "Pong!"]);
        (await data.ExportAsync(db.Write, Platform.Discord, person, Ct)).ShouldBeEmpty();
        (await data.EraseAsync(db.Write, Platform.Sandbox, person, Ct)).ShouldBe(2);
        (await host.Http.SandboxAsync($"channels/{channel}/messages")).Bodies().ShouldBe(["somebody else's"]);
    }

    [Fact]
    public async Task Old_messages_go()
    {
        var channel = await host.NewChannelAsync();
        await host.SayInAsync(channel, "old");
        await host.SayInAsync(channel, "new");
        await host.Get<Database>().Write.ExecuteAsync(
            $"update sandbox.messages set created_at = created_at - interval '91 days' where channel = {channel} and body = 'old'", Ct);

        await host.Services.GetServices<IRetention>().Single(r => r.Name == "sandbox.messages").SweepAsync(Ct);

        (await host.Http.SandboxAsync($"channels/{channel}/messages")).Bodies().ShouldBe(["new"]);
    }

    private static StringContent Json(object body) =>
        new(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");
}
