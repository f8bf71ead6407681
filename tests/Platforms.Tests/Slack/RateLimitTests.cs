using Rookery.Platforms.Slack;

namespace Rookery.Platforms.Tests.Slack;

public sealed class RateLimitTests
{
    private static readonly TimeSpan Ever = TimeSpan.FromHours(1);

    private readonly ManualClock _clock = new();

    [Fact]
    public void A_channel_gets_one_message_a_second_after_a_few_at_once()
    {
        var limits = new RateLimits(_clock);

        Enumerable.Range(0, 6).Select(_ => Post(limits, "C1").TotalSeconds).ShouldBe([0, 0, 0, 1, 2, 3]);
        Post(limits, "C2").ShouldBe(TimeSpan.Zero);

        _clock.Advance(TimeSpan.FromSeconds(10));
        Post(limits, "C1").ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_wait_that_is_too_long_takes_no_place()
    {
        var limits = new RateLimits(_clock);
        for (var i = 0; i < 3; i++)
        {
            Post(limits, "C1");
        }

        limits.Take("T1", "chat.postMessage", "C1", TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(1));
        limits.Take("T1", "chat.postMessage", "C1", TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_method_has_its_tier_in_each_workspace()
    {
        var limits = new RateLimits(_clock);
        var waits = Enumerable.Range(0, 12).Select(_ => limits.Take("T1", "chat.delete", null, Ever)).ToList();

        waits[9].ShouldBe(TimeSpan.Zero);
        waits[10].ShouldBe(TimeSpan.FromMinutes(1) / 50);
        limits.Take("T2", "chat.delete", null, Ever).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void After_a_429_nobody_calls_until_its_time_is_over()
    {
        var limits = new RateLimits(_clock);
        limits.Block("T1", "chat.postMessage", TimeSpan.FromSeconds(30));

        Post(limits, "C1").ShouldBe(TimeSpan.FromSeconds(30));
        limits.Take("T2", "chat.postMessage", "C1", Ever).ShouldBe(TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromSeconds(31));
        Post(limits, "C9").ShouldBe(TimeSpan.Zero);
    }

    private static TimeSpan Post(RateLimits limits, string channel) => limits.Take("T1", "chat.postMessage", channel, Ever);
}
