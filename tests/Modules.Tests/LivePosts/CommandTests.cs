using Rookery.Simulators.Slack;

namespace Rookery.LivePosts.Tests;

public sealed class CommandTests(LiveHost live) : IClassFixture<LiveHost>
{
    [Fact]
    public async Task An_admin_sets_up_a_place_in_chat_and_its_streams_are_posted_there()
    {
        live.Twitch.Accounts.Add("5001", "chatty");

        (await SayAsync("!live add chatty")).ShouldContain("chatty is followed; posts go to stage");
        (await SayAsync("!live add chatty")).ShouldContain("already");
        (await SayAsync("!live list", "member")).ShouldContain("https://twitch.tv/chatty");
        (await SayAsync("!live template")).ShouldContain("stream_title");
        (await SayAsync("!live template {\"content\":\"{{ upper(streamer_login) }} is here\"}")).ShouldContain("saved");
        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Twitch.Events.Enabled.Count(s => s.Condition.Values.Contains("5001", StringComparer.Ordinal)) == 3), "subscribed");

        await live.Twitch.Streams.BeginAsync("5001", "Hello", "Go", 1);

        await TestHost.EventuallyAsync(async () => await SaidAsync("CHATTY is here") == 1, "the post is there");
        (await SayAsync("!live off chatty")).ShouldContain("not posted until");
        (await SayAsync("!live status", "member")).ShouldContain("of them off: 1");
        (await SayAsync("!live on chatty")).ShouldContain("posted again");
        (await SayAsync("!live remove chatty")).ShouldContain("not followed any more");
    }

    [Theory]
    [InlineData("!live add ", "Say whom")]
    [InlineData("!live add nobodyatall", "Twitch knows nobody")]
    [InlineData("!live remove nobodyatall", "!live list")]
    [InlineData("!live template {\"content\":\"{{ nope }}\"}", "message_template.content")]
    [InlineData("!live frobnicate", "There is no !live frobnicate")]
    public async Task What_makes_no_sense_is_refused_with_the_cure(string command, string answer) =>
        (await SayAsync(command)).ShouldContain(answer);

    [Fact]
    public async Task Members_look_and_change_nothing()
    {
        live.Twitch.Accounts.Add("5002", "forbidden");

        (await SayAsync("!live add forbidden", "member")).ShouldContain("administer");
        (await SayAsync("!live template reset", "moderator")).ShouldContain("administer");

        (await live.CountAsync($"select count(*) from live.streamers where twitch_login = 'forbidden'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_sample_is_marked_and_comes_where_posts_come()
    {
        live.Twitch.Accounts.Add("5003", "tried");
        await SayAsync("!live add tried", channel: "trial");

        (await SayAsync("!live test tried", channel: "trial")).ShouldBe("A sample stands in trial.");

        await TestHost.EventuallyAsync(async () => await SaidAsync("[sample] tried is now live!") == 1, "the sample is there");
    }

    [Fact]
    public async Task A_pause_ends_with_the_names_of_those_whose_streams_were_not_posted()
    {
        live.Twitch.Accounts.Add("5005", "missed");
        live.Twitch.Accounts.Add("5006", "leftout");
        await SayAsync("!live add missed", channel: "paused");
        await SayAsync("!live add leftout", channel: "paused");
        await live.Db.Write.ExecuteAsync(
            $"update live.guild_streamers set filter = 'game_name == \"Chess\"' where streamer_id = (select id from live.streamers where twitch_login = 'leftout')",
            LiveHost.Ct);
        (await SayAsync("!live resume", channel: "paused")).ShouldBe("Posts are not paused here.");
        await live.Db.Write.ExecuteAsync(
            $"update live.guild_config set paused_reason = 'The channel is gone', paused_at = now() where channel_id = 'paused'", LiveHost.Ct);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Twitch.Events.Enabled.Count(s => s.Condition.Values.Any(v => v is "5005" or "5006")) == 6), "subscribed");
        await live.Twitch.Streams.BeginAsync("5005", "Hello", "Go", 1);
        await live.Twitch.Streams.BeginAsync("5006", "Hello", "Go", 1);
        await TestHost.EventuallyAsync(
            async () => await live.CountAsync(
                $"select count(*) from live.notification_log l join live.streamers s on s.id = l.streamer_id where twitch_login in ('missed', 'leftout') and status = 'skipped'") == 2,
            "the streams are skipped");

        (await SayAsync("!live resume", channel: "paused")).ShouldEndWith("Not posted meanwhile: missed.");
        (await SayAsync("!live resume", channel: "paused")).ShouldBe("Posts are not paused here.");
    }

    [Fact]
    public async Task A_Slack_workspace_gets_the_same_as_one_text_which_follows_the_stream()
    {
        live.Slack.AddUser(new SlackUser("UADMIN", "Boss", IsAdmin: true));
        live.Twitch.Accounts.Add("5004", "slacker");
        await live.Slack.SayAsync("C1", "UADMIN", "!live add slacker", null, LiveHost.Ct);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Twitch.Events.Enabled.Count(s => s.Condition.Values.Contains("5004", StringComparer.Ordinal)) == 3), "subscribed");

        await live.Twitch.Streams.BeginAsync("5004", "In blocks", "Go", 9);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Slack.Ledger.Said("C1").Count(t => t.Contains("slacker is now live!", StringComparison.Ordinal)
                && t.Contains("In blocks", StringComparison.Ordinal) && t.Contains("Viewers: 9", StringComparison.Ordinal)) == 1),
            "the post is there, once");
        await live.Twitch.Streams.EndAsync("5004");

        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Slack.Ledger.All.Any(e => e.Kind == "edited" && e.Text.Contains("slacker was live for", StringComparison.Ordinal))),
            "the post says that it is over");
    }

    private async Task<string> SayAsync(string text, string role = "admin", string channel = "stage") =>
        TestHost.Lines(await live.Host.SayAsync(text, role: role, channel: channel)).ShouldHaveSingleItem();

    private Task<long> SaidAsync(string text) => live.CountAsync($"select count(*) from sandbox.messages where body = {text} and is_bot");
}
