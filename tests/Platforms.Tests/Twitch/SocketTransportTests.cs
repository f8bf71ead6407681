using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>From what a person says at Twitch to what a person sees there, over EventSub's socket.</summary>
public sealed class SocketTransportTests(TwitchHost twitch) : IClassFixture<TwitchHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_is_answered_once_in_reply_to_its_message()
    {
        await twitch.SubscribedAsync();
        var before = twitch.Count("Pong!");

        await twitch.AnswersAsync("!ping", "Pong!", before + 1);

        await twitch.SettledAsync();
        twitch.Count("Pong!").ShouldBe(before + 1);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(1, 3)]
    public async Task A_notification_that_comes_again_or_under_a_twin_id_is_answered_once(int copies, int twins)
    {
        await twitch.SubscribedAsync();
        var before = twitch.Count("Pong!");
        (twitch.Twitch.Events.Copies, twitch.Twitch.Events.Twins) = (copies, twins);

        await twitch.AnswersAsync("!ping", "Pong!", before + 1);
        (twitch.Twitch.Events.Copies, twitch.Twitch.Events.Twins) = (1, 1);

        // The last word shows that whatever the copies should have caused has been caused.
        await twitch.AnswersAsync("!ping", "Pong!", before + 2);
        await twitch.SettledAsync();
        twitch.Count("Pong!").ShouldBe(before + 2);
    }

    [Fact]
    public async Task The_bot_does_not_answer_itself_nor_what_was_said_in_another_channel_of_a_shared_chat()
    {
        await twitch.SubscribedAsync();
        var before = twitch.Count("Pong!");
        await twitch.Twitch.Chat.SayAsync(TwitchHost.Channel, TwitchHost.Bot, "!ping");
        var shared = JsonNode.Parse(
            """{"broadcaster_user_id":"100","chatter_user_id":"201","chatter_user_name":"bob","message_id":"shared-1","message":{"text":"!ping"},"badges":[],"source_broadcaster_user_id":"555"}""")!.AsObject();
        await twitch.Twitch.Events.EmitAsync("channel.chat.message", shared);

        await twitch.AnswersAsync("!ping", "Pong!", before + 1);
        await twitch.SettledAsync();
        twitch.Count("Pong!").ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_reconnect_loses_nothing_that_is_said_meanwhile()
    {
        await twitch.SubscribedAsync();
        var before = twitch.Count("Pong!");
        var made = twitch.Twitch.Sockets.Made;
        var old = twitch.Twitch.Sockets.Sessions.ToHashSet(StringComparer.Ordinal);

        await twitch.Twitch.Sockets.ReconnectAsync(twitch.Twitch.Address);
        for (var i = 0; i < 5; i++)
        {
            await twitch.Twitch.Chat.SayAsync(TwitchHost.Channel, $"30{i}", "!ping");
        }

        await twitch.SaysAsync("Pong!", before + 5);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Sockets.Sessions.Count == 2 && !twitch.Twitch.Sockets.Sessions.Any(old.Contains)),
            "the old sockets are closed and two new ones stand");
        twitch.Twitch.Sockets.Made.ShouldBe(made + 2);
        await twitch.AnswersAsync("!ping", "Pong!", before + 6);
    }

    [Theory]
    [InlineData(4000)]
    [InlineData(4005)]
    [InlineData(0)]
    public async Task A_lost_connection_is_made_again_and_subscribed(int code)
    {
        await twitch.SubscribedAsync();
        var before = twitch.Count("Pong!");
        var old = twitch.Twitch.Sockets.Sessions.ToHashSet(StringComparer.Ordinal);
        if (code == 0)
        {
            twitch.Twitch.Sockets.Cut();
        }
        else
        {
            await twitch.Twitch.Sockets.CloseAsync(code);
        }

        await NewSessionAsync(old);
        await twitch.AnswersAsync("!ping", "Pong!", before + 1);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Events.All.All(s => s.Status == "enabled")), "dead subscriptions are deleted");
    }

    [Fact]
    public async Task A_connection_that_falls_silent_is_given_up()
    {
        await twitch.SubscribedAsync();
        var before = twitch.Count("Pong!");
        twitch.Twitch.Sockets.Keepalive = 1;
        var first = twitch.Twitch.Sockets.Sessions.ToHashSet(StringComparer.Ordinal);
        twitch.Twitch.Sockets.Cut();
        await NewSessionAsync(first);
        var second = twitch.Twitch.Sockets.Sessions.ToHashSet(StringComparer.Ordinal);

        twitch.Twitch.Sockets.Silence();

        await NewSessionAsync(second);
        twitch.Twitch.Sockets.Keepalive = 10;
        await twitch.AnswersAsync("!ping", "Pong!", before + 1);
    }

    [Fact]
    public async Task A_revoked_subscription_is_made_again()
    {
        await twitch.SubscribedAsync("channel.follow");
        await twitch.Twitch.Events.RevokeAsync("channel.follow", "moderator_removed");

        await twitch.SubscribedAsync("channel.follow");
    }

    [Fact]
    public async Task What_the_broadcaster_allowed_comes_over_the_broadcasters_own_socket()
    {
        await twitch.SubscribedAsync("channel.cheer");
        var enabled = twitch.Twitch.Events.Enabled;

        enabled.Where(s => s.Owner == TwitchHost.Bot).Select(s => s.Type).Order(StringComparer.Ordinal).ShouldBe(
            ["channel.chat.message", "channel.follow", "channel.raid", "channel.update", "stream.offline", "stream.online"]);
        enabled.Single(s => s.Type == "channel.cheer").Owner.ShouldBe(TwitchHost.Channel);
    }

    [Fact]
    public async Task A_blocked_message_is_deleted_at_Twitch()
    {
        await twitch.SubscribedAsync();
        await twitch.AnswersAsync("!ping", "Pong!", twitch.Count("Pong!") + 1);
        var community = await twitch.Host.Get<Database>().Write.ValueAsync<long>(
            $"select community_id from kernel.entities where entity_id = 'twitch:100'", Ct);
        var rule = new { community_id = community, @string = "buy followers", match_type = "contains", action = "block" };
        using var made = await twitch.Host.Http.PostAsJsonAsync("/api/v1/moderation/rules", rule, Ct);
        made.IsSuccessStatusCode.ShouldBeTrue(await made.Content.ReadAsStringAsync(Ct));

        var id = await twitch.Twitch.Chat.SayAsync(TwitchHost.Channel, "666", "please buy followers now");

        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Ledger.All.Any(e => e.Kind == "deleted" && e.MessageId == id)), "the message is deleted");
    }

    private Task NewSessionAsync(HashSet<string> old) => TestHost.EventuallyAsync(
        () => Task.FromResult(twitch.Twitch.Events.Enabled.Any(s => s.Type == "channel.chat.message" && !old.Contains(s.SessionId!))),
        "a new session is subscribed");
}
