using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>A server that hears the talk over IRC.</summary>
public sealed class IrcHost : TwitchHost
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Platforms:Twitch:ChatTransport"] = "irc",
        ["Platforms:Twitch:IrcQuiet"] = "00:00:01",
    };

    /// <summary>Waits until the bot stands in the channel, over so many connections.</summary>
    public Task HearsAsync(int connections = 1) => TestHost.EventuallyAsync(
        () => Task.FromResult(Twitch.Irc.In(Channel) == connections && Twitch.Irc.Standing == connections),
        $"{connections} connections are in the channel");
}

/// <summary>From what a person says at Twitch to what a person sees there, over IRC.</summary>
public sealed class IrcTransportTests(IrcHost twitch) : IClassFixture<IrcHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_is_answered_once_in_reply_and_no_talk_is_subscribed_to()
    {
        await twitch.HearsAsync();
        await twitch.SubscribedAsync("channel.follow");
        var before = twitch.Count("Pong!");

        await twitch.AnswersAsync("!ping", "Pong!", before + 1);

        await twitch.SettledAsync();
        twitch.Count("Pong!").ShouldBe(before + 1);
        twitch.Twitch.Events.All.ShouldNotContain(s => s.Type == "channel.chat.message");
        var post = twitch.Twitch.Calls.Last(c => c.Path == "/chat/messages");
        JsonNode.Parse(post.Body)!["reply_parent_message_id"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_message_that_comes_over_IRC_and_EventSub_counts_once()
    {
        await twitch.HearsAsync();
        var before = twitch.Count("Pong!");
        var id = await twitch.Twitch.Chat.SayAsync(TwitchHost.Channel, "200", "!ping");
        await twitch.SaysAsync("Pong!", before + 1);
        var body = JsonElement.Parse(
            $$$"""
            {"subscription":{"id":"s","status":"enabled","type":"channel.chat.message","version":"1","condition":{}},
             "event":{"broadcaster_user_id":"100","chatter_user_id":"200","chatter_user_name":"ada","message_id":"{{{id}}}","message":{"text":"!ping"},"badges":[]}}
            """);

        await twitch.Host.Get<EventIntake>().AcceptAsync("notification", null, body, overSocket: true, Ct);

        await twitch.AnswersAsync("!ping", "Pong!", before + 2);
        await twitch.SettledAsync();
        twitch.Count("Pong!").ShouldBe(before + 2);
    }

    [Fact]
    public async Task Asked_to_reconnect_it_loses_nothing_while_the_new_connection_enters()
    {
        await twitch.HearsAsync();
        var (before, made) = (twitch.Count("Pong!"), twitch.Twitch.Irc.Made);
        twitch.Twitch.Irc.JoinTakes = TimeSpan.FromSeconds(1);

        await twitch.Twitch.Irc.ReconnectAsync();
        for (var i = 0; i < 15; i++)
        {
            await twitch.Twitch.Chat.SayAsync(TwitchHost.Channel, $"31{i}", "!ping");
            await Task.Delay(100, Ct);
        }

        await twitch.SaysAsync("Pong!", before + 15);
        twitch.Twitch.Irc.JoinTakes = TimeSpan.Zero;
        await twitch.HearsAsync();
        twitch.Twitch.Irc.Made.ShouldBe(made + 1);
        await twitch.AnswersAsync("!ping", "Pong!", before + 16);
    }

    [Fact]
    public async Task A_cut_connection_is_made_again()
    {
        await twitch.HearsAsync();
        var (before, made) = (twitch.Count("Pong!"), twitch.Twitch.Irc.Made);

        twitch.Twitch.Irc.Cut();

        await TestHost.EventuallyAsync(() => Task.FromResult(twitch.Twitch.Irc.Made > made), "it is made again");
        await twitch.HearsAsync();
        await twitch.AnswersAsync("!ping", "Pong!", before + 1);
    }

    [Fact]
    public async Task A_connection_that_falls_silent_is_asked_for_a_sign_of_life_and_given_up()
    {
        await twitch.HearsAsync();
        var (before, made) = (twitch.Count("Pong!"), twitch.Twitch.Irc.Made);
        var asked = twitch.Twitch.Irc.Lines.Count(l => l.StartsWith("PING", StringComparison.Ordinal));

        twitch.Twitch.Irc.Silence();

        await TestHost.EventuallyAsync(() => Task.FromResult(twitch.Twitch.Irc.Made > made), "it is made again");
        twitch.Twitch.Irc.Lines.Count(l => l.StartsWith("PING", StringComparison.Ordinal)).ShouldBeGreaterThan(asked);
        await twitch.HearsAsync();
        await twitch.AnswersAsync("!ping", "Pong!", before + 1);
    }

    [Fact]
    public async Task A_question_for_a_sign_of_life_is_answered()
    {
        await twitch.HearsAsync();
        var answered = twitch.Twitch.Irc.Lines.Count(l => l == "PONG :tmi.twitch.tv");

        await twitch.Twitch.Irc.PingAsync();

        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Irc.Lines.Count(l => l == "PONG :tmi.twitch.tv") > answered), "it is answered");
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_a_try_and_the_chat_comes_back()
    {
        await twitch.HearsAsync();
        var (before, renewed) = (twitch.Count("Pong!"), Renewed());
        twitch.Twitch.Irc.RefusesTokens = true;
        twitch.Twitch.Irc.Cut();
        await TestHost.EventuallyAsync(() => Task.FromResult(Renewed() > renewed), "the token is renewed");

        twitch.Twitch.Irc.RefusesTokens = false;

        await twitch.HearsAsync();
        await twitch.AnswersAsync("!ping", "Pong!", before + 1);
    }

    [Fact]
    public async Task A_channel_that_was_taken_out_is_left_and_one_that_was_added_is_entered()
    {
        await twitch.HearsAsync();
        twitch.Twitch.Accounts.Add("150", "second");
        await twitch.AddChannelAsync("second");
        await TestHost.EventuallyAsync(() => Task.FromResult(twitch.Twitch.Irc.In("150") == 1), "the channel is entered");

        using var removed = await twitch.Host.Http.DeleteAsync(new Uri("/api/v1/twitch/channels/150", UriKind.Relative), Ct);

        await TestHost.EventuallyAsync(() => Task.FromResult(twitch.Twitch.Irc.In("150") == 0), "the channel is left");
        twitch.Twitch.Irc.Lines.ShouldContain("PART #second");
        twitch.Twitch.Irc.In(TwitchHost.Channel).ShouldBe(1);
    }

    [Fact]
    public async Task The_bot_is_not_answered_and_what_is_deleted_is_told()
    {
        await twitch.HearsAsync();
        var before = twitch.Count("Pong!");
        await twitch.Twitch.Chat.SayAsync(TwitchHost.Channel, TwitchHost.Bot, "!ping");
        await twitch.Twitch.Irc.TellAsync(TwitchHost.Channel, "login=ada;room-id=;target-msg-id=gone-1", "tmi.twitch.tv", "CLEARMSG", "bad");

        await twitch.AnswersAsync("!ping", "Pong!", before + 1);
        await twitch.SettledAsync();
        twitch.Count("Pong!").ShouldBe(before + 1);
        (await twitch.Host.Get<Database>().Write.ValueAsync<string>(
            $"select event_type from twitch.twitch_events where event_id = 'deleted:gone-1'", Ct)).ShouldBe("irc.deleted");
    }

    private int Renewed() => twitch.Twitch.Accounts.Grants.Count(g => g == "refresh_token");
}

/// <summary>Many channels.</summary>
public sealed class IrcJoinTests(IrcJoinTests.ManyHost twitch) : IClassFixture<IrcJoinTests.ManyHost>
{
    [Fact]
    public async Task Many_channels_are_entered_no_faster_than_Twitch_lets_an_account()
    {
        for (var i = 0; i < 24; i++)
        {
            twitch.Twitch.Accounts.Add($"{700 + i}", $"many{i}");
            await twitch.AddChannelAsync($"many{i}");
        }

        await TestHost.EventuallyAsync(
            () => Task.FromResult(Enumerable.Range(700, 24).All(i => twitch.Twitch.Irc.In($"{i}") == 1)), "every channel is entered");
        twitch.Twitch.Irc.Refused.ShouldBe(0);
    }

    public sealed class ManyHost : TwitchHost
    {
        protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Platforms:Twitch:ChatTransport"] = "irc",
        };
    }
}
