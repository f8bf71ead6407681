using System.Net;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Modules.LivePosts.Posting;
using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

/// <summary>Looks at what Twitch shows. The server's own come seldom here, so that the tests look.</summary>
public sealed class LookTests(LookTests.SeldomHost live) : IClassFixture<LookTests.SeldomHost>, IAsyncLifetime
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private DateTimeOffset _began;

    public async ValueTask InitializeAsync() => await live.ChannelAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Two_nodes_that_miss_a_stream_at_the_same_time_do_not_end_it()
    {
        var user = await PostedAsync();

        await SeeAsync(user);
        await SeeAsync(user);
        (await live.StreamsAsync(user)).ShouldHaveSingleItem().EndedAt.ShouldBeNull();
        await live.Db.Write.ExecuteAsync(
            $"update live.broadcasts set unseen_since = unseen_since - interval '1 hour' where streamer_id = {await live.IdAsync(user)}", LiveHost.Ct);
        await SeeAsync(user);

        (await live.StreamsAsync(user)).ShouldHaveSingleItem().EndedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_stream_that_Twitch_did_not_show_for_long_and_shows_again_goes_on()
    {
        var user = await PostedAsync();
        var shown = Shown(user, 1);
        await live.Twitch.Streams.EndAsync(user.Id);
        await TestHost.EventuallyAsync(async () => (await live.StreamsAsync(user)) is [{ State: "closed" }], "it is closed");

        await SeeAsync(user, shown);
        (await live.StreamsAsync(user)).ShouldHaveSingleItem().State.ShouldBe("closed", "Twitch may show it for a while yet");
        await live.Db.Write.ExecuteAsync(
            $"update live.broadcasts set ended_at = ended_at - interval '1 hour' where streamer_id = {await live.IdAsync(user)}", LiveHost.Ct);
        await SeeAsync(user, shown);

        (await live.StreamsAsync(user)).ShouldHaveSingleItem().EndedAt.ShouldBeNull();
        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Edits(user) is [.., var last] && last == $"{user.Login} is now live!"), "the post says so");
    }

    [Fact]
    public async Task A_stream_that_Twitch_shows_under_the_other_of_two_ids_stays_live()
    {
        var user = await PostedAsync();
        var twin = Shown(user, 1) with { StreamId = "another id" };

        await SeeAsync(user, twin);
        await live.Db.Write.ExecuteAsync(
            $"update live.broadcasts set unseen_since = now() - interval '2 hours' where streamer_id = {await live.IdAsync(user)}", LiveHost.Ct);
        await SeeAsync(user, twin);

        (await live.StreamsAsync(user)).ShouldHaveSingleItem().EndedAt.ShouldBeNull();
        (await live.CountAsync(
            $"select count(*) from live.broadcasts where unseen_since is not null and streamer_id = {await live.IdAsync(user)}")).ShouldBe(0);
    }

    [Fact]
    public async Task Posts_change_at_once_with_the_title_and_once_in_a_period_with_the_viewers()
    {
        var user = await PostedAsync();
        await SeeAsync(user, Shown(user, 1));
        var version = await VersionAsync(user);

        await SeeAsync(user, Shown(user, 1));
        await SeeAsync(user, Shown(user, 2));
        (await VersionAsync(user)).ShouldBe(version);
        await SeeAsync(user, Shown(user, 2) with { Title = "Endgames" });
        (await VersionAsync(user)).ShouldBe(version + 1);
        await live.Db.Write.ExecuteAsync(
            $"update live.broadcasts set counted_at = counted_at - interval '1 hour' where streamer_id = {await live.IdAsync(user)}", LiveHost.Ct);
        await SeeAsync(user, Shown(user, 2) with { Title = "Endgames" });

        (await VersionAsync(user)).ShouldBe(version + 2);
    }

    [Fact]
    public async Task A_stream_whose_start_nobody_told_is_found_and_posted_once()
    {
        var user = await live.FollowAsync();
        var followed = TimeProvider.System.GetUtcNow();
        await TestHost.EventuallyAsync(
            () => Task.FromResult(TimeProvider.System.GetUtcNow() > followed.AddSeconds(1)), "its second is another one");
        await live.Twitch.Streams.BeginAsync(user.Id, "Untold", "Chess", 1, tell: false);

        await live.Host.Get<LookAtStreams>().RunAsync(LiveHost.Ct);
        await live.Host.Get<LookAtStreams>().RunAsync(LiveHost.Ct);

        await live.LoggedAsync(user, "sent");
        live.Posts(user).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Who_is_live_already_when_they_are_followed_is_not_posted()
    {
        var user = live.Twitch.Accounts.Add("555001", "already_live");
        await live.Twitch.Streams.BeginAsync(user.Id, "Since long", "Chess", 1, tell: false);
        await live.PostAsync($"/api/v1/live/guilds/{LiveHost.Guild}/streamers", new JsonObject { ["login"] = user.Login }, HttpStatusCode.Created);

        await live.Host.Get<LookAtStreams>().RunAsync(LiveHost.Ct);

        (await live.StreamsAsync(user)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(30, 1)]
    [InlineData(90, 0)]
    public async Task What_began_more_than_an_hour_ago_is_no_news_when_it_is_found(int minutesAgo, int found)
    {
        var user = await live.FollowAsync();
        await live.Db.Write.ExecuteAsync(
            $"update live.guild_streamers set added_at = added_at - interval '1 day' where streamer_id = {await live.IdAsync(user)}", LiveHost.Ct);
        var shown = new LiveBroadcast(
            user.Id, $"found-{user.Id}", user.Login, user.DisplayName, "Found", "Chess", 1, null, TimeProvider.System.GetUtcNow().AddMinutes(-minutesAgo));

        await live.Host.Get<BroadcastStore>().BeginUntoldAsync([shown], LiveHost.Ct);

        (await live.StreamsAsync(user)).Count.ShouldBe(found);
    }

    private async Task<TwitchUser> PostedAsync()
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "Openings", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        await TestHost.EventuallyAsync(async () => (await live.StreamsAsync(user)) is [{ State: "live" }], "it is live");
        _began = (await live.StreamsAsync(user))[0].StartedAt;
        return user;
    }

    private LiveBroadcast Shown(TwitchUser user, int viewers) => new(
        user.Id, live.Twitch.Streams.IdOf(user.Id)!, user.Login, user.DisplayName, "Openings", "Chess", viewers, null, _began);

    private Task SeeAsync(TwitchUser user, params LiveBroadcast[] shown) =>
        live.Host.Get<BroadcastStore>().SeeAsync([user.Id], shown, Every, LiveHost.Ct);

    private Task<int> VersionAsync(TwitchUser user) => live.Db.Write.ValueAsync<int>(
        $"select b.version from live.broadcasts b join live.streamers s on s.id = b.streamer_id where s.twitch_broadcaster_id = {user.Id}", LiveHost.Ct);

    public sealed class SeldomHost : LiveHost
    {
        protected override IReadOnlyDictionary<string, string?> Settings { get; } =
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Modules:live_posts:LookEvery"] = "01:00:00" };
    }
}
