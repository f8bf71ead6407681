using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class ChannelLineTests
{
    private static readonly ChannelId Channel = new(Platform.Discord, "g", "c");

    private readonly ChannelLine _line = new();
    private readonly List<string> _entered = [];

    [Fact]
    public async Task Talk_waits_for_what_is_being_stored_and_the_next_to_store_for_the_talk()
    {
        var (first, third) = (new TaskCompletionSource(), new TaskCompletionSource());
        var one = _line.StoreAsync(Channel, () => Begin("store 1", first));
        var two = _line.EnterAsync(Channel, () => Begin("talk 2"));
        var three = _line.StoreAsync(Channel, () => Begin("store 3", third));
        var four = _line.StoreAsync(Channel, () => Begin("store 4"));
        _entered.ShouldBe(["store 1"]);

        first.SetResult();
        await two;
        await TestHost.EventuallyAsync(() => Task.FromResult(_entered.Count >= 3), "the third begins");
        third.SetResult();
        await Task.WhenAll(one, three, four);

        _entered.ShouldBe(["store 1", "talk 2", "store 3", "store 4"]);
        _line.IsBusy(Channel).ShouldBeFalse();
    }

    [Fact]
    public void What_is_stored_does_not_wait_for_what_is_stored()
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        _ = _line.StoreAsync(Channel, () => Begin("store 1", first));
        _ = _line.StoreAsync(Channel, () => Begin("store 2", second));

        _entered.ShouldBe(["store 1", "store 2"]);
        _line.IsBusy(Channel).ShouldBeTrue();
        _line.IsBusy(Channel with { Channel = "d" }).ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_fails_holds_up_nobody()
    {
        var first = new TaskCompletionSource();
        var one = _line.StoreAsync(Channel, () => Begin("store 1", first));
        var two = _line.EnterAsync(Channel, () => Begin("talk 2"));
        first.SetException(new InvalidOperationException("no"));

        await two;
        await Should.ThrowAsync<InvalidOperationException>(() => one);
        _entered.ShouldBe(["store 1", "talk 2"]);
    }

    private Task Begin(string what, TaskCompletionSource? until = null)
    {
        lock (_entered)
        {
            _entered.Add(what);
        }

        return until?.Task ?? Task.CompletedTask;
    }
}
