using System.Net;
using Rookery.Platforms.Twitch;
using Rookery.Platforms.Twitch.EventSub;
using Rookery.Simulators.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>The subscriptions at Twitch become what they should be, whatever they were.</summary>
public sealed class ReconcileTests(WebhookHost twitch) : IClassFixture<WebhookHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_is_allowed_is_subscribed_to_dead_ones_and_strangers_are_deleted_over_several_pages()
    {
        twitch.Twitch.Events.PageSize = 5;
        await twitch.SubscribedAsync("channel.moderator.remove");
        var dead = twitch.Twitch.Events.Enabled.Single(s => s.Type == "channel.raid");
        dead.Status = "notification_failures_exceeded";
        twitch.Twitch.Events.Add(Stranger("stream.online", "4711", "https://elsewhere.example/cb"));
        twitch.Twitch.Events.Add(Stranger("stream.online", "4712", Callback));

        await twitch.Host.Get<ReconcileWebhooks>().RunAsync(Ct);

        // The host compares by itself too, and may be in the middle of it.
        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Events.All.All(
                s => s.Id != dead.Id && s.Condition.Values.All(v => v is not ("4711" or "4712")))),
            "the dead one and the strangers are gone");
        var all = twitch.Twitch.Events.All;
        all.ShouldAllBe(s => s.Status == "enabled" && s.Condition.Values.Contains(TwitchHost.Channel) && s.Callback == Callback);
        all.Select(s => s.Type).Order(StringComparer.Ordinal).ShouldBe(
            Catalog.For(TwitchHost.Channel, TwitchHost.Bot, Catalog.ChannelScopes.ToHashSet(StringComparer.Ordinal), ChatTransport.EventSub).Select(w => w.Type).Order(StringComparer.Ordinal));
        all.ShouldNotContain(s => s.Id == dead.Id);
        twitch.Twitch.Events.PageSize = 100;
    }

    [Fact]
    public async Task A_channel_that_is_taken_out_is_not_listened_to_any_more()
    {
        twitch.Twitch.Accounts.Add("101", "second");
        await twitch.AddChannelAsync("second");
        await twitch.SubscribedAsync("stream.online", "101");

        using var gone = await twitch.Host.Http.DeleteAsync("/api/v1/twitch/channels/101", Ct);
        gone.StatusCode.ShouldBe(HttpStatusCode.OK);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(!twitch.Twitch.Events.All.Any(s => s.Condition.Values.Contains("101"))), "nothing of it is subscribed to");
        using var again = await twitch.Host.Http.DeleteAsync("/api/v1/twitch/channels/102", Ct);
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("no such-name", HttpStatusCode.BadRequest)]
    [InlineData("nobody_there", HttpStatusCode.NotFound)]
    public async Task A_channel_that_cannot_be_is_refused(string login, HttpStatusCode status)
    {
        using var response = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(
            twitch.Host.Http, "/api/v1/twitch/channels", new { login }, Ct);
        response.StatusCode.ShouldBe(status);
    }

    private string Callback => new Uri(twitch.Host.Address, WebhookEndpoint.Path).AbsoluteUri;

    private static SimulatedSubscription Stranger(string type, string channel, string callback) => new()
    {
        Type = type,
        Version = "1",
        Condition = new Dictionary<string, string>(StringComparer.Ordinal) { ["broadcaster_user_id"] = channel },
        Method = "webhook",
        Callback = callback,
        Secret = TwitchHost.Secret,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
