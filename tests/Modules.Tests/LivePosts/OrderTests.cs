using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

/// <summary>Starts and ends that Twitch tells late, in the wrong order, or wrongly.</summary>
public sealed class OrderTests(LiveHost live) : IClassFixture<LiveHost>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await live.ChannelAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task A_late_end_of_the_stream_before_does_not_end_the_one_that_is_live()
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "Again", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        var began = (await live.StreamsAsync(user)).ShouldHaveSingleItem().StartedAt;

        await live.TellAsync(user, "stream.offline", began.AddMilliseconds(-1));

        await EndTakenAsync(user);
        (await live.StreamsAsync(user)).ShouldHaveSingleItem().EndedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_stream_whose_end_is_told_before_its_start_is_over_and_rings_nobody()
    {
        var user = await live.FollowAsync();
        var now = TimeProvider.System.GetUtcNow();

        await live.TellAsync(user, "stream.offline", now);
        await EndTakenAsync(user);
        await live.StartToldAsync(user, $"brief-{user.Id}", now.AddSeconds(-30));

        await live.LoggedAsync(user, "skipped");
        (await live.LogAsync(user))[0].Reason.ShouldBe("The stream was over before it was posted.");
        live.Posts(user).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_two_streams_whose_starts_are_told_in_the_wrong_order_the_earlier_is_over()
    {
        var user = await live.FollowAsync();
        var now = TimeProvider.System.GetUtcNow();
        await live.StartToldAsync(user, $"second-{user.Id}", now);
        await live.PostedAsync(user);

        await live.StartToldAsync(user, $"first-{user.Id}", now.AddMinutes(-1));

        await TestHost.EventuallyAsync(async () => (await live.StreamsAsync(user)).Count == 2, "both are known");
        var streams = await live.StreamsAsync(user);
        streams[0].EndedAt.ShouldBe(streams[1].StartedAt);
        await live.LoggedAsync(user, "sent", "skipped");
        live.Posts(user).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_Twitch_still_shows_after_its_end_was_told_goes_on()
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "Still here", "Chess", 1);
        await live.LoggedAsync(user, "sent");

        await live.TellAsync(user, "stream.offline", TimeProvider.System.GetUtcNow());
        await EndTakenAsync(user);

        await TestHost.EventuallyAsync(
            async () => (await live.StreamsAsync(user)) is [{ State: "live", EndedAt: null }], "the stream goes on");
        live.Posts(user).Count.ShouldBe(1);
    }

    private Task EndTakenAsync(TwitchUser user) => TestHost.EventuallyAsync(
        async () => await live.CountAsync(
            $"""
            select count(*) from twitch.twitch_events
            where event_type = 'stream.offline' and processed and platform_ids ->> 'channel_id' = {user.Id}
            """) == 1,
        "the end has taken effect");
}
