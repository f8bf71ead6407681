using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

public sealed class NodeTests(LiveHost live) : IClassFixture<LiveHost>
{
    [Fact]
    public async Task What_was_told_once_is_known_on_every_node_and_after_a_restart()
    {
        await live.ChannelAsync();
        var streamer = await live.FollowAsync();
        var (message, began) = (Guid.NewGuid().ToString(), TimeProvider.System.GetUtcNow());
        await TellAsync(live.Host, streamer, message, began);
        await live.PostedAsync(streamer);

        for (var restart = 0; restart < 2; restart++)
        {
            await using var other = new TestHost { ConnectionString = live.Host.Database, Settings = live.All() };
            await other.InitializeAsync();
            await TellAsync(other, streamer, message, began);
            await TellAsync(other, streamer, Guid.NewGuid().ToString(), began);
        }

        await live.LoggedAsync(streamer, "sent");
        live.Posts(streamer).Count.ShouldBe(1);
        (await live.CountAsync(
            $"select count(*) from live.broadcasts b join live.streamers s on s.id = b.streamer_id where s.twitch_broadcaster_id = {streamer.Id}")).ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_changes_while_its_pages_are_written_is_posted_once_everywhere_as_it_is_then()
    {
        const int guilds = 7;
        var streamer = await live.FollowAsync();
        var channels = new List<string>();
        for (var i = 0; i < guilds; i++)
        {
            var (guild, channel) = ($"77000000000000000{i}", $"77100000000000000{i}");
            await GuildAsync(guild, channel);
            await live.PostAsync($"/api/v1/live/guilds/{guild}/streamers", new JsonObject { ["login"] = streamer.Login }, HttpStatusCode.Created);
            channels.Add(channel);
        }

        await live.Db.TransactionAsync(
            async t =>
            {
                await t.ExecuteAsync($"lock table live.notification_log in share mode", LiveHost.Ct);
                await live.Twitch.Streams.BeginAsync(streamer.Id, "Before", "Chess", 1);
                await TestHost.EventuallyAsync(
                    async () => await live.CountAsync(
                        $"select count(*) from pg_locks where not granted and relation = 'live.notification_log'::regclass") > 1,
                    "several pages wait to be written");
                await t.ExecuteAsync(
                    $"update live.broadcasts set title = 'After', version = version + 1 where streamer_id = {await live.IdAsync(streamer)}", LiveHost.Ct);
            },
            LiveHost.Ct);

        foreach (var channel in channels)
        {
            await live.PostedAsync(streamer, channel: channel);
            live.Discord.Ledger.Said(channel).ShouldBe([$"{streamer.Login}: After"]);
        }
    }

    [Fact]
    public async Task A_stream_that_cannot_be_written_yet_holds_up_no_other()
    {
        const string busy = "770000000000000010";
        const string free = "770000000000000011";
        await GuildAsync(busy, "771000000000000010");
        await GuildAsync(free, "771000000000000011");
        var (first, second) = (await live.FollowAsync(guild: busy), await live.FollowAsync(guild: free));
        await live.Db.TransactionAsync(
            async t =>
            {
                await t.ExecuteAsync($"select from live.guilds where guild_id = {busy} for update", LiveHost.Ct);
                await live.Twitch.Streams.BeginAsync(first.Id, "First", "Chess", 1);
                await TestHost.EventuallyAsync(
                    async () => await live.CountAsync($"select count(*) from pg_stat_activity where wait_event_type = 'Lock'") > 0, "it waits");
                await live.Twitch.Streams.BeginAsync(second.Id, "Second", "Chess", 1);
                await live.PostedAsync(second, channel: "771000000000000011");
            },
            LiveHost.Ct);
        await live.PostedAsync(first, channel: "771000000000000010");
    }

    private async Task GuildAsync(string guild, string channel)
    {
        live.Discord.Guilds.Add(guild, "One of many", "95");
        await TestHost.EventuallyAsync(async () => await live.CountAsync($"select count(*) from live.guilds where guild_id = {guild}") == 1, "known");
        live.Discord.Guilds.AddChannel(guild, channel, "streams");
        await live.ConfigureAsync(
            new JsonObject { ["channel_id"] = channel, ["message_template"] = new JsonObject { ["content"] = "{streamer_login}: {stream_title}" } }, guild);
    }

    private async Task TellAsync(TestHost host, TwitchUser streamer, string message, DateTimeOffset began)
    {
        var known = live.Subscriptions(streamer).Single(s => s.Type == "stream.online");
        var body = new JsonObject
        {
            ["subscription"] = new JsonObject
            {
                ["id"] = known.Id,
                ["status"] = "enabled",
                ["type"] = known.Type,
                ["version"] = "1",
                ["condition"] = new JsonObject { ["broadcaster_user_id"] = streamer.Id },
            },
            ["event"] = new JsonObject
            {
                ["id"] = $"stream-{streamer.Id}",
                ["broadcaster_user_id"] = streamer.Id,
                ["broadcaster_user_login"] = streamer.Login,
                ["broadcaster_user_name"] = streamer.DisplayName,
                ["type"] = "live",
                ["started_at"] = began.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            },
        }.ToJsonString();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "platforms/twitch/eventsub"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in WebhookCalls.Sign(
            live.All()["Platforms:Twitch:WebhookSecret"]!, message, TimeProvider.System.GetUtcNow(), "notification", known.Type, body))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var http = new HttpClient();
        using var response = await http.SendAsync(request, LiveHost.Ct);
        ((int)response.StatusCode).ShouldBeInRange(200, 299);
    }
}
