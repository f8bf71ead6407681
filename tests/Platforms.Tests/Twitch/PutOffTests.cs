using Rookery.Platforms.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Subscriptions that could not be made at once.</summary>
public sealed class PutOffTests(ManySubscriptionsTests.SlowHost twitch) : IClassFixture<ManySubscriptionsTests.SlowHost>
{
    [Fact]
    public async Task A_subscription_that_Twitch_could_not_make_for_a_moment_is_asked_for_again_soon()
    {
        await twitch.SubscribedAsync("stream.online");
        var dead = twitch.Twitch.Events.Enabled.First(s => s.Type == "stream.online");
        (dead.Status, twitch.Twitch.Events.FailCreations) = ("notification_failures_exceeded", 1);
        twitch.Host.Get<Changes>().Ring();

        await TestHost.EventuallyAsync(() => Task.FromResult(twitch.Twitch.Events.FailCreations == 0), "Twitch could not make it");
        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Events.Enabled.Any(s => s.Type == "stream.online")),
            "it is subscribed to, though the next look of all is in an hour");
    }
}
