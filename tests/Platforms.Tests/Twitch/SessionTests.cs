using System.Text.Json;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>The rules of an EventSub socket, frame by frame.</summary>
public sealed class SessionTests
{
    private readonly EventSubSession _session = new(new Uri("wss://eventsub.example.org/ws"));

    [Fact]
    public void Before_the_welcome_ten_seconds_are_waited_and_after_it_as_long_as_it_says()
    {
        _session.Patience.ShouldBe(TimeSpan.FromSeconds(10));

        On("session_welcome", """{"session":{"id":"S","status":"connected","keepalive_timeout_seconds":30,"reconnect_url":null}}""")
            .ShouldBe(new Step.Begin("S"));

        _session.Id.ShouldBe("S");
        _session.Patience.ShouldBe(TimeSpan.FromSeconds(30) + EventSubSession.Grace);
    }

    [Theory]
    [InlineData("wss://eventsub.example.org/ws?id=1", true)]
    [InlineData("wss://cell-a.eventsub.example.org/ws?id=1", true)]
    [InlineData("ws://eventsub.example.org/ws", false)]
    [InlineData("wss://evil.example.org/", false)]
    [InlineData("wss://notreventsub.example.org/", false)]
    [InlineData("nonsense", false)]
    public void It_moves_only_to_addresses_of_the_same_house(string url, bool moves)
    {
        var step = On("session_reconnect", $$$"""{"session":{"id":"S","status":"reconnecting","reconnect_url":"{{{url}}}"}}""");

        (step is Step.Move move && move.To == new Uri(url)).ShouldBe(moves);
        (step is Step.Odd).ShouldBe(!moves);
    }

    [Fact]
    public void Keepalives_events_revocations_and_what_is_new_are_told_apart()
    {
        On("session_keepalive", "{}").ShouldBeOfType<Step.Wait>();
        On("notification", """{"subscription":{},"event":{}}""").ShouldBeOfType<Step.Take>().MessageId.ShouldBe("id");
        On("revocation", """{"subscription":{"id":"1","status":"user_removed","type":"t","version":"1","condition":{}}}""")
            .ShouldBeOfType<Step.Revoke>().Subscription.Status.ShouldBe("user_removed");
        On("session_party", "{}").ShouldBeOfType<Step.Odd>();
        On("session_welcome", "{}").ShouldBeOfType<Step.Odd>();
        On("revocation", "[]").ShouldBeOfType<Step.Odd>();
    }

    private Step On(string type, string payload) => _session.On(
        new EventSubFrame(new FrameMetadata("id", type), JsonElement.Parse(payload)));
}
