using Rookery.Platforms.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

public sealed class RateLimitTests
{
    private readonly ManualClock _clock = new();

    [Theory]
    [InlineData(false, 20)]
    [InlineData(true, 100)]
    public void So_much_in_thirty_seconds_and_then_as_long_as_the_oldest_counts(bool isModerator, int most)
    {
        var limits = new RateLimits(_clock);
        limits.SetModerator("1", isModerator);
        for (var i = 0; i < most; i++)
        {
            limits.Take("1").ShouldBeNull();
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        limits.Take("1").ShouldBe(TimeSpan.FromSeconds(30) - TimeSpan.FromMilliseconds(100 * most));
        limits.Take("2").ShouldBeNull();

        _clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromMilliseconds(100 * most));
        limits.Take("1").ShouldBeNull();
        limits.Take("1").ShouldNotBeNull();
    }

    [Fact]
    public void Who_is_a_moderator_no_more_has_to_wait_for_the_surplus()
    {
        var limits = new RateLimits(_clock);
        limits.SetModerator("1", true);
        for (var i = 0; i < 30; i++)
        {
            limits.Take("1").ShouldBeNull();
            _clock.Advance(TimeSpan.FromSeconds(0.5));
        }

        limits.SetModerator("1", false);
        limits.Take("1").ShouldBe(TimeSpan.FromSeconds(20.5 - 0.5));
    }
}
