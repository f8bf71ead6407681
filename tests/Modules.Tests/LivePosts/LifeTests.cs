using System.Text.Json.Nodes;

namespace Rookery.LivePosts.Tests;

/// <summary>Posts while their stream is live and when it ends.</summary>
public sealed class LifeTests(LiveHost live) : IClassFixture<LiveHost>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await live.ChannelAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task A_post_follows_the_title_the_game_and_the_viewers()
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "Before", "Chess", 1);
        await live.LoggedAsync(user, "sent");

        await live.Twitch.Streams.ChangeAsync(user.Id, "After", "Go", 77, tell: true);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Bodies(user, "PATCH").Any(b =>
                b["embeds"]![0]!["description"]!.GetValue<string>() == "After"
                && b["embeds"]![0]!["fields"]![0]!["value"]!.GetValue<string>() == "77")),
            "the post shows the new title and the new number");
        live.Posts(user).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_ends_says_how_long_it_was_and_where_it_can_be_seen()
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "Short", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        var stream = live.Twitch.Streams.IdOf(user.Id)!;
        live.Twitch.Streams.Recordings[stream] = (user.Id, "https://www.twitch.tv/videos/1");

        await live.Twitch.Streams.EndAsync(user.Id);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(LastEdit(user) is { } text
                && text.Contains("was live for 0 min", StringComparison.Ordinal) && text.EndsWith("https://www.twitch.tv/videos/1", StringComparison.Ordinal)),
            "the post says that it is over");
    }

    [Fact]
    public async Task An_end_that_nobody_told_is_found()
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "Untold", "Chess", 1);
        await live.LoggedAsync(user, "sent");

        await live.Twitch.Streams.EndAsync(user.Id, tell: false);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Edits(user).Any(t => t.Contains("was live for", StringComparison.Ordinal))), "the end is found");
    }

    [Fact]
    public async Task A_post_is_deleted_at_the_end_where_that_is_wanted_and_left_alone_where_nothing_is()
    {
        var deleted = await live.FollowAsync(new JsonObject { ["on_end"] = "delete", ["reannounce_minutes"] = 0 });
        var left = await live.FollowAsync(new JsonObject { ["on_end"] = "none", ["live_update"] = false });
        foreach (var user in new[] { deleted, left })
        {
            await live.Twitch.Streams.BeginAsync(user.Id, "Brief", "Chess", 1);
            await live.LoggedAsync(user, "sent");
            await live.Twitch.Streams.EndAsync(user.Id);
        }

        await live.PostedAsync(deleted, times: 0);
        live.Edits(left).ShouldBeEmpty();
        live.Posts(left).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_breaks_off_and_begins_again_goes_on_in_its_post()
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "First", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        await live.Twitch.Streams.EndAsync(user.Id);
        await TestHost.EventuallyAsync(() => Task.FromResult(live.Edits(user).Count > 0), "the end is shown");

        await live.Twitch.Streams.BeginAsync(user.Id, "Second", "Chess", 5);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(LastEdit(user) == $"{user.Login} is now live!"), "the post is live again");
        live.Posts(user).Count.ShouldBe(1);
        await live.LoggedAsync(user, "sent", "sent");
    }

    [Fact]
    public async Task A_post_that_is_to_be_deleted_waits_for_as_long_as_the_stream_may_go_on_in_it()
    {
        var user = await live.FollowAsync(new JsonObject { ["on_end"] = "delete" });
        await live.Twitch.Streams.BeginAsync(user.Id, "First", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        var began = (await live.StreamsAsync(user)).ShouldHaveSingleItem().StartedAt;
        await live.Twitch.Streams.EndAsync(user.Id);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(LastEdit(user) is { } text && text.Contains("was live for", StringComparison.Ordinal)), "the end is shown");
        live.Posts(user).Count.ShouldBe(1);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(TimeProvider.System.GetUtcNow() > began.AddSeconds(1)), "the next one is told as another one");

        await live.Twitch.Streams.BeginAsync(user.Id, "Second", "Chess", 5);

        await TestHost.EventuallyAsync(() => Task.FromResult(LastEdit(user) == $"{user.Login} is now live!"), "the post is live again");
        live.Posts(user).Count.ShouldBe(1);
        await live.Twitch.Streams.EndAsync(user.Id);
        await TestHost.EventuallyAsync(
            async () => await live.CountAsync(
                $"""
                select count(*) from live.notification_log
                where streamer_id = {await live.IdAsync(user)} and not is_over and delete_at > now() + interval '9 minutes'
                """) > 0,
            "it is to be deleted later");
        await live.Db.TransactionAsync(
            async t =>
            {
                var id = await live.IdAsync(user);
                await t.ExecuteAsync(
                    $"update live.broadcasts set started_at = started_at - interval '1 hour', ended_at = ended_at - interval '15 minutes' where streamer_id = {id}",
                    LiveHost.Ct);
                await t.ExecuteAsync($"update live.notification_log set delete_at = now() where streamer_id = {id} and delete_at is not null", LiveHost.Ct);
            },
            LiveHost.Ct);
        await live.PostedAsync(user, times: 0);
    }

    [Fact]
    public async Task A_stream_that_begins_again_later_than_that_gets_a_post_of_its_own()
    {
        var user = await live.FollowAsync(new JsonObject { ["reannounce_minutes"] = 0 });
        await live.Twitch.Streams.BeginAsync(user.Id, "First", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        await live.Twitch.Streams.EndAsync(user.Id);
        await TestHost.EventuallyAsync(() => Task.FromResult(live.Edits(user).Count > 0), "the end is shown");

        // Twitch tells the second, so it has to be another one.
        await Task.Delay(TimeSpan.FromSeconds(1), LiveHost.Ct);
        await live.Twitch.Streams.BeginAsync(user.Id, "Second", "Chess", 5);

        await live.PostedAsync(user, times: 2);
    }

    private string? LastEdit(Rookery.Simulators.Twitch.TwitchUser user) => live.Edits(user) is [.., var last] ? last : null;
}
