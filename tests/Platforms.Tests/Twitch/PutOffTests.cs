namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Subscriptions that could not be made at once.</summary>
public sealed class PutOffTests(ManySubscriptionsTests.SlowHost twitch) : IClassFixture<ManySubscriptionsTests.SlowHost>
{
    [Fact]
    public async Task A_subscription_that_Twitch_could_not_make_for_a_moment_is_asked_for_again_soon()
    {
        await twitch.SubscribedAsync("stream.online");
        twitch.Twitch.Accounts.Add("790", "moment");
        twitch.Twitch.Events.FailCreations = 1;
        await twitch.AddChannelAsync("moment");

        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Events.Enabled.Any(s => s.Type == "stream.online" && s.Condition.Values.Contains("790"))),
            "it is subscribed to, though the next look of all is in an hour");
    }
}
