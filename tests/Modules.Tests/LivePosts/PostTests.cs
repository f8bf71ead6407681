using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

public sealed class PostTests(LiveHost live) : IClassFixture<LiveHost>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await live.ChannelAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task A_stream_that_begins_is_posted_once_with_what_it_is()
    {
        var user = await live.FollowAsync();

        await live.Twitch.Streams.BeginAsync(user.Id, "Endgames", "Chess", 12);
        await live.PostedAsync(user);

        await live.LoggedAsync(user, "sent");
        var body = live.Bodies(user).ShouldHaveSingleItem();
        body["content"]!.GetValue<string>().ShouldBe($"{user.Login} is now live!");
        var embed = body["embeds"]![0]!;
        embed["title"]!.GetValue<string>().ShouldBe($"{user.Login} is streaming Chess");
        embed["description"]!.GetValue<string>().ShouldBe("Endgames");
        embed["image"]!["url"]!.GetValue<string>().ShouldContain("1920x1080");
        embed["fields"]![0]!["value"]!.GetValue<string>().ShouldBe("12");
    }

    [Fact]
    public async Task A_stream_that_Twitch_does_not_show_yet_is_looked_up_again_and_the_webhook_does_not_wait_for_that()
    {
        var user = await live.FollowAsync();
        live.Twitch.Streams.Lag = 1;

        await live.Twitch.Streams.BeginAsync(user.Id, "Late", "Go", 3);
        await live.Twitch.Webhooks.SettledAsync();
        live.Twitch.Webhooks.Answers.Last().ShouldBe((int)HttpStatusCode.NoContent);
        await live.PostedAsync(user);

        live.Bodies(user).ShouldHaveSingleItem()["embeds"]![0]!["description"]!.GetValue<string>().ShouldBe("Late");
    }

    [Fact]
    public async Task A_stream_that_Twitch_never_shows_is_posted_as_it_was_told()
    {
        var user = await live.FollowAsync();

        await OnlineAsync(user, "s-unseen", TimeProvider.System.GetUtcNow());

        await live.PostedAsync(user);
    }

    [Fact]
    public async Task Two_ids_for_one_start_are_posted_once()
    {
        var (user, last) = (await live.FollowAsync(), await live.FollowAsync());
        var at = TimeProvider.System.GetUtcNow();

        await OnlineAsync(user, "twin-1", at);
        await OnlineAsync(user, "twin-2", at);
        await OnlineAsync(user, "twin-1", at);
        await live.PostedAsync(user);

        // What is told later is posted: so the twins had their time.
        await live.Twitch.Streams.BeginAsync(last.Id, "Last", "Go", 1);
        await live.PostedAsync(last);
        live.Posts(user).Count.ShouldBe(1);
        (await live.LogAsync(user)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_post_that_meets_the_rate_limit_comes_later_and_once()
    {
        var user = await live.FollowAsync();
        live.Discord.Rest.FailNext(1, 429, text: "Busy");

        await live.Twitch.Streams.BeginAsync(user.Id, "Busy", "Go", 1);

        await live.LoggedAsync(user, "sent");
        live.Posts(user).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_post_whose_answer_is_lost_is_not_doubled()
    {
        var user = await live.FollowAsync();
        live.Discord.Rest.FailNext(1, 502, acts: true, text: "Lost");

        await live.Twitch.Streams.BeginAsync(user.Id, "Lost", "Go", 1);

        await live.LoggedAsync(user, "sent");
        live.Posts(user).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_post_that_fails_says_why_and_can_be_sent_again()
    {
        var user = await live.FollowAsync();
        live.Discord.Rest.FailNext(1, 403, text: "Shut");
        await live.Twitch.Streams.BeginAsync(user.Id, "Shut", "Go", 1);
        await live.LoggedAsync(user, "failed");
        (await live.LogAsync(user))[0].Reason.ShouldContain("403");

        var path = $"/api/v1/live/guilds/{LiveHost.Guild}/notifications";
        var failed = (await live.GetAsync($"{path}?status=failed"))["items"]!.AsArray().Single(n => n!["twitch_login"]!.GetValue<string>() == user.Login);
        await live.PostAsync($"{path}/{failed!["id"]}/resend", [], HttpStatusCode.Accepted);

        await live.LoggedAsync(user, "sent");
        live.Posts(user).Count.ShouldBe(1);
        await live.PostAsync($"{path}/{failed["id"]}/resend", [], HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_role_is_mentioned_and_nothing_a_title_says_rings()
    {
        const string Role = "moderators";
        await live.ConfigureAsync(new JsonObject { ["mention_role_id"] = Role });
        var user = await live.FollowAsync();

        await live.Twitch.Streams.BeginAsync(user.Id, "@everyone come <@&1>", "Go", 1);
        await live.PostedAsync(user);
        await live.ConfigureAsync(new JsonObject { ["mention_role_id"] = null });

        var body = live.Bodies(user).ShouldHaveSingleItem();
        body["content"]!.GetValue<string>().ShouldBe($"<@&{Role}> {user.Login} is now live!");
        body["allowed_mentions"]!["parse"]!.AsArray().Count.ShouldBe(0);
        body["allowed_mentions"]!["roles"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldBe([Role]);
        body["allowed_mentions"]!["users"].ShouldBeNull();
    }

    [Fact]
    public async Task A_streamer_of_whom_a_server_does_not_want_to_hear_is_not_posted()
    {
        var muted = await live.FollowAsync(new JsonObject { ["enabled"] = false });
        var filtered = await live.FollowAsync(new JsonObject { ["filter"] = "game_name == \"Chess\"" });
        var quiet = await live.FollowAsync(new JsonObject { ["quiet_from"] = "00:00:00", ["quiet_to"] = "23:59:59" });

        foreach (var user in new[] { muted, filtered, quiet })
        {
            await live.Twitch.Streams.BeginAsync(user.Id, "Not for you", "Go", 1);
        }

        await live.LoggedAsync(filtered, "skipped");
        await live.LoggedAsync(quiet, "skipped");
        (await live.LogAsync(filtered))[0].Reason.ShouldContain("filter");
        (await live.LogAsync(quiet))[0].Reason.ShouldContain("Quiet hours");
        (await live.LogAsync(muted)).ShouldBeEmpty();
        live.Posts(muted).Concat(live.Posts(filtered)).Concat(live.Posts(quiet)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_server_that_follows_gets_one_post_also_when_the_pages_are_gone_through_again()
    {
        var user = await live.FollowAsync();
        var channels = await FollowElsewhereAsync(user, 5);

        await live.Twitch.Streams.BeginAsync(user.Id, "Everywhere", "Go", 1);
        await AllPostedAsync(user, channels);
        // As if the node had died before it could note how far it came.
        await live.Db.Write.ExecuteAsync(
            $"""
            update live.broadcasts b set state = 'posting', after_guild = '', next_try_at = now()
            from live.streamers s where s.id = b.streamer_id and s.twitch_broadcaster_id = {user.Id}
            """,
            LiveHost.Ct);
        await TestHost.EventuallyAsync(
            async () => await live.CountAsync(
                $"""
                select count(*) from live.broadcasts b join live.streamers s on s.id = b.streamer_id
                where s.twitch_broadcaster_id = {user.Id} and b.state = 'live'
                """) == 1,
            "the pages are through");

        channels.ShouldAllBe(c => live.Posts(user, c).Count == 1);
        (await live.CountAsync(
            $"select count(*) from kernel.outbox where idempotency_key like 'live:%' and action::text like {$"%{user.Login} is now live%"} and action ->> 'kind' = 'send_message'"))
            .ShouldBe(6);
    }

    [Fact]
    public async Task A_node_that_died_between_two_pages_is_taken_over()
    {
        var user = await live.FollowAsync();
        var channels = await FollowElsewhereAsync(user, 3);
        var dead = Guid.NewGuid();
        await live.Db.Write.ExecuteAsync(
            $"""
            insert into live.broadcasts (id, streamer_id, event_id, started_at, state, title, lease, next_try_at, created_at, after_guild)
            select {Guid.NewGuid()}, id, 'half', now(), 'posting', 'Half', {dead}, now() + interval '1 second', now(),
                (select min(guild_id) from live.guild_streamers gs where gs.streamer_id = s.id)
            from live.streamers s where twitch_broadcaster_id = {user.Id}
            """,
            LiveHost.Ct);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(channels.Append(LiveHost.Channel).Sum(c => live.Posts(user, c).Count) == 3),
            "all but the one behind the mark are posted");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Task AllPostedAsync(TwitchUser user, IReadOnlyList<string> channels) => TestHost.EventuallyAsync(
        () => Task.FromResult(channels.Append(LiveHost.Channel).All(c => live.Posts(user, c).Count == 1)), "every server has its post");

    /// <summary>More servers, each with its channel, that follow somebody.</summary>
    private async Task<IReadOnlyList<string>> FollowElsewhereAsync(TwitchUser user, int count)
    {
        var channels = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var (guild, channel) = ($"81{user.Id}{Text(i)}", $"61{user.Id}{Text(i)}");
            channels.Add(channel);
            await live.Db.Write.ExecuteAsync(
                $"""
                with guild as (
                    insert into live.guilds (guild_id, name, platform, community_id)
                    select {guild}, {guild}, 'discord', community_id from live.guilds where guild_id = {LiveHost.Guild} returning guild_id),
                config as (
                    insert into live.guild_config (guild_id, channel_id, message_template)
                    select guild.guild_id, {channel}, c.message_template from guild, live.guild_config c where c.guild_id = {LiveHost.Guild}
                    returning guild_id)
                insert into live.guild_streamers (guild_id, streamer_id)
                select config.guild_id, s.id from config, live.streamers s where s.twitch_broadcaster_id = {user.Id}
                """,
                LiveHost.Ct);
        }

        return channels;
    }

    private Task<int> OnlineAsync(TwitchUser user, string stream, DateTimeOffset at) => live.Twitch.Events.EmitAsync("stream.online", new JsonObject
    {
        ["id"] = stream,
        ["broadcaster_user_id"] = user.Id,
        ["broadcaster_user_login"] = user.Login,
        ["broadcaster_user_name"] = user.DisplayName,
        ["type"] = "live",
        ["started_at"] = at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    });
}
