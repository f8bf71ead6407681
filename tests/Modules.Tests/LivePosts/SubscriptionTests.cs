using System.Net;
using System.Text.Json.Nodes;

namespace Rookery.LivePosts.Tests;

public sealed class SubscriptionTests(LiveHost live) : IClassFixture<LiveHost>, IAsyncLifetime
{
    private const string Streamers = $"/api/v1/live/guilds/{LiveHost.Guild}/streamers";

    public async ValueTask InitializeAsync() => await live.ChannelAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Servers_that_follow_one_streamer_share_its_subscriptions_also_with_the_bot_in_its_chat()
    {
        var user = await live.FollowAsync();
        TestHost.Lines(await live.Host.SayAsync($"!live add {user.Login}", role: "admin", channel: "shared"))[0].ShouldContain("followed");
        await live.PostAsync("/api/v1/twitch/channels", new JsonObject { ["login"] = user.Login }, HttpStatusCode.Created);

        await TestHost.EventuallyAsync(() => Task.FromResult(live.Subscriptions(user).Count > 3), "the chat is subscribed to");
        live.Subscriptions(user).GroupBy(s => s.Type).ShouldAllBe(g => g.Count() == 1);
        (await live.CountAsync($"select count(*) from live.streamers where twitch_broadcaster_id = {user.Id}")).ShouldBe(1);
    }

    [Fact]
    public async Task What_Twitch_says_of_a_subscription_stands_in_its_row()
    {
        var user = await live.FollowAsync();

        await TestHost.EventuallyAsync(async () => (await StatusesAsync(user.Id)).SequenceEqual(["enabled", "enabled", "enabled"]), "all are enabled");
        await TestHost.EventuallyAsync(
            async () => (await live.GetAsync(Streamers))["items"]!.AsArray()
                .Single(s => s!["twitch_login"]!.GetValue<string>() == user.Login)!["subscription"]?.GetValue<string>() == "enabled",
            "the list says so");
    }

    [Fact]
    public async Task A_subscription_that_Twitch_lost_is_made_again()
    {
        var user = await live.FollowAsync();
        var lost = live.Subscriptions(user).First(s => s.Type == "stream.online");

        lost.Status = "notification_failures_exceeded";
        await live.SubscribedAsync(user);

        live.Subscriptions(user).Single(s => s.Type == "stream.online").Id.ShouldNotBe(lost.Id);
    }

    [Fact]
    public async Task A_streamer_nobody_follows_any_more_loses_its_subscriptions()
    {
        var user = await live.FollowAsync();
        var id = (await live.GetAsync(Streamers))["items"]!.AsArray().Single(s => s!["twitch_login"]!.GetValue<string>() == user.Login)!["id"];

        await live.SendAsync(HttpMethod.Delete, $"{Streamers}/{id}", null, HttpStatusCode.NoContent);

        await TestHost.EventuallyAsync(() => Task.FromResult(live.Subscriptions(user).Count == 0), "nothing is subscribed to");
        await live.SendAsync(HttpMethod.Delete, $"{Streamers}/{id}", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_subscription_that_is_revoked_is_told_to_the_servers_once()
    {
        var user = await live.FollowAsync();

        await live.Twitch.Events.RevokeAsync("stream.online", "user_removed");

        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Posts(user).Count(p => p.Contains("user_removed", StringComparison.Ordinal)) == 1), "the server is told");
    }

    [Fact]
    public async Task A_stream_of_somebody_who_is_only_followed_makes_no_community()
    {
        var user = await live.FollowAsync();

        await live.Twitch.Streams.BeginAsync(user.Id, "Alone", "Go", 1);
        await live.PostedAsync(user);

        (await live.CountAsync($"select count(*) from kernel.entities where platform = 'twitch' and channel_id = {user.Id}")).ShouldBe(0);
    }

    private Task<IReadOnlyList<string>> StatusesAsync(string broadcaster) => live.Db.Write.ListAsync(
        $"""
        select e.status from live.eventsub_subscriptions e join live.streamers s on s.id = e.streamer_id
        where s.twitch_broadcaster_id = {broadcaster}
        """,
        r => r.GetString(0),
        LiveHost.Ct);
}
