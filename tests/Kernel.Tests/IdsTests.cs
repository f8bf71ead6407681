using FsCheck;
using FsCheck.Fluent;

namespace Rookery.Kernel.Tests;

public sealed class IdsTests
{
    [Fact]
    public void An_id_carries_its_moment_to_the_millisecond() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue)
            .SelectMany(
                s => Gen.Choose(0, 999).Select(ms => DateTimeOffset.UnixEpoch.AddSeconds(s).AddMilliseconds(ms)))
            .ToArbitrary(),
        at => Ids.Moment(Ids.New(at)) == at).QuickCheckThrowOnFailure();

    [Fact]
    public void Later_ids_sort_after_earlier_ones_as_the_database_sorts_them()
    {
        var clock = new ManualClock();
        var ids = Enumerable.Range(0, 100).Select(_ =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            return Ids.New(clock.GetUtcNow());
        }).ToList();
        ids.Select(i => i.ToString()).ShouldBeInOrder();
    }

    [Fact]
    public void Other_ids_carry_none()
    {
        Ids.Moment(Guid.NewGuid()).ShouldBeNull();
        Ids.Moment(Guid.Empty).ShouldBeNull();
    }

    [Fact]
    public void A_wait_is_within_its_cap() => Prop.ForAll(
        Gen.Choose(0, 5000).ToArbitrary(),
        Gen.Choose(0, 999_999).Select(n => n / 1_000_000d).ToArbitrary(),
        (attempt, uniform) => Reconnect.Delay(attempt, uniform) is var wait
            && wait >= TimeSpan.Zero && wait < TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, attempt)))).QuickCheckThrowOnFailure();
}
