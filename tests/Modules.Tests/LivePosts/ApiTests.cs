using System.Net;
using System.Text.Json.Nodes;
using Rookery.Kernel.Security;

namespace Rookery.LivePosts.Tests;

public sealed class ApiTests(LiveHost live) : IClassFixture<LiveHost>, IAsyncLifetime
{
    private const string Config = $"/api/v1/live/guilds/{LiveHost.Guild}/config";
    private const string Streamers = $"/api/v1/live/guilds/{LiveHost.Guild}/streamers";

    public async ValueTask InitializeAsync() => await live.ChannelAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Reading_settings_writes_nothing_and_saving_needs_the_version_that_was_read()
    {
        live.Discord.Guilds.Add("800000000000000077", "Another", "1");
        live.Discord.Guilds.AddChannel("800000000000000077", "600000000000000077", "general");
        await TestHost.EventuallyAsync(
            async () => await live.CountAsync($"select count(*) from live.guilds where guild_id = '800000000000000077'") == 1, "the server is known");
        const string Path = "/api/v1/live/guilds/800000000000000077/config";

        (await live.GetAsync(Path))["version"]!.GetValue<int>().ShouldBe(0);
        (await live.CountAsync($"select count(*) from live.guild_config where guild_id = '800000000000000077'")).ShouldBe(0);
        var wanted = new JsonObject { ["channel_id"] = "600000000000000077", ["version"] = 0 };
        (await live.SendAsync(HttpMethod.Put, Path, wanted, HttpStatusCode.OK))["version"]!.GetValue<int>().ShouldBe(1);
        await live.SendAsync(HttpMethod.Put, Path, wanted, HttpStatusCode.Conflict);
        wanted["version"] = 7;
        await live.SendAsync(HttpMethod.Put, Path, wanted, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_channel_or_role_of_another_server_is_refused()
    {
        live.Discord.Guilds.AddChannel("800000000000000099", "600000000000000099", "theirs");
        var version = (await live.GetAsync(Config))["version"]!.GetValue<int>();

        var channel = await live.SendAsync(
            HttpMethod.Put, Config, new JsonObject { ["channel_id"] = "600000000000000099", ["version"] = version }, HttpStatusCode.BadRequest);
        var role = await live.SendAsync(
            HttpMethod.Put, Config,
            new JsonObject { ["channel_id"] = LiveHost.Channel, ["mention_role_id"] = LiveHost.Guild, ["version"] = version },
            HttpStatusCode.BadRequest);

        channel["detail"]!.GetValue<string>().ShouldStartWith("channel_id:");
        role["detail"]!.GetValue<string>().ShouldStartWith("mention_role_id:");
        (await live.GetAsync(Config))["version"]!.GetValue<int>().ShouldBe(version);
    }

    [Theory]
    [InlineData("""{"content":"{{ no_such_name }}"}""", "message_template.content")]
    [InlineData("""{"content":"{{ 1 + "}""", "message_template.content")]
    [InlineData("""{"embed":{"title":"{stream_title}{stream_title}"}}""", "message_template.embeds[0].title")]
    [InlineData("""{"embed":{"title":"x","fields":[{"name":"","value":"y"}]}}""", "message_template.embeds[0].fields[0].name")]
    [InlineData("""{"embed":{"title":"x","image":{"url":"ftp://x"}}}""", "message_template.embeds[0].image_url")]
    [InlineData("""{"content":"x","colour":1}""", "message_template.colour")]
    [InlineData("{}", "message_template")]
    public async Task A_template_that_would_not_do_is_refused_by_its_path(string template, string path)
    {
        var version = (await live.GetAsync(Config))["version"]!.GetValue<int>();
        var request = new JsonObject
        {
            ["channel_id"] = LiveHost.Channel,
            ["version"] = version,
            ["message_template"] = JsonNode.Parse(template),
        };

        var problem = await live.SendAsync(HttpMethod.Put, Config, request, HttpStatusCode.BadRequest);

        problem["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()).ShouldContain(path);
    }

    [Fact]
    public async Task Words_that_look_like_markup_are_no_reason_to_refuse_a_text()
    {
        var user = await live.FollowAsync(new JsonObject { ["custom_content"] = "<script> javascript: onclick= {streamer_login}" });

        await live.Twitch.Streams.BeginAsync(user.Id, "Legal", "Go", 1);

        await live.PostedAsync(user);
        live.Posts(user)[0].ShouldBe($"<script> javascript: onclick= {user.Login}");
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await live.FollowAsync();
        await live.FollowAsync();

        var first = await live.GetAsync($"{Streamers}?limit=1");
        var second = await live.GetAsync($"{Streamers}?limit=1&cursor={first["next_cursor"]}");

        first["items"]!.AsArray().ShouldHaveSingleItem();
        second["items"]![0]!["id"]!.ToString().ShouldNotBe(first["items"]![0]!["id"]!.ToString());
    }

    [Fact]
    public async Task A_key_of_another_community_finds_nothing()
    {
        await live.Host.SayAsync("!ping", channel: "foreign");
        var community = await live.CountAsync($"select community_id from kernel.entities where entity_id = 'sandbox:foreign'");
        var key = await live.Host.Get<ApiKeys>().CreateAsync(
            $"foreign {Guid.NewGuid():N}", [Scopes.LiveRead, Scopes.LiveWrite], community, 0, null, "test", LiveHost.Ct);
        using var http = live.Host.Client(key.Secret);
        var user = await live.FollowAsync();
        var mine = (await live.GetAsync(Streamers))["items"]!.AsArray().Single(s => s!["twitch_login"]!.GetValue<string>() == user.Login)!["id"];

        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, Config), (HttpMethod.Get, Streamers), (HttpMethod.Delete, $"{Streamers}/{mine}"),
            (HttpMethod.Get, $"/api/v1/live/guilds/{LiveHost.Guild}/places"), (HttpMethod.Get, $"/api/v1/live/guilds/{LiveHost.Guild}/notifications"),
        })
        {
            await live.SendAsync(method, path, null, HttpStatusCode.NotFound, http);
        }

        (await live.SendAsync(HttpMethod.Get, "/api/v1/live/guilds", null, HttpStatusCode.OK, http))["items"]!.AsArray().ShouldBeEmpty();
        (await live.GetAsync(Streamers))["items"]!.AsArray().ShouldContain(s => s!["id"]!.ToString() == mine!.ToString());
    }

    [Fact]
    public async Task A_server_the_bot_was_put_out_of_is_listed_no_more()
    {
        live.Discord.Guilds.Add("800000000000000055", "Brief", "1");
        await TestHost.EventuallyAsync(async () => await IsListedAsync("800000000000000055"), "the server is listed");

        live.Discord.Guilds.Remove("800000000000000055");

        await TestHost.EventuallyAsync(async () => !await IsListedAsync("800000000000000055"), "the server is listed no more");
    }

    private async Task<bool> IsListedAsync(string guild) =>
        (await live.GetAsync("/api/v1/live/guilds"))["items"]!.AsArray().Any(g => g!["guild_id"]!.GetValue<string>() == guild);
}
