using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

public sealed class ShortMemoryTests
{
    private readonly ManualClock _clock = new();
    private readonly ShortMemory<string, string> _memory;
    private int _asked;

    public ShortMemoryTests() => _memory = new(TimeSpan.FromSeconds(60), 3, _clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_remembered_for_its_time_from_the_question_on()
    {
        var slow = new TaskCompletionSource<string?>();
        var first = _memory.GetAsync("a", _ => slow.Task, Ct);
        _clock.Advance(TimeSpan.FromSeconds(59));
        slow.SetResult("old");
        (await first).ShouldBe("old");
        (await AskAsync()).ShouldBe("old");

        _clock.Advance(TimeSpan.FromSeconds(1));

        (await AskAsync()).ShouldBe("answer 1");
    }

    [Fact]
    public async Task What_is_forgotten_while_it_is_asked_is_not_remembered()
    {
        var slow = new TaskCompletionSource<string?>();
        var first = _memory.GetAsync("a", _ => slow.Task, Ct);
        _memory.Forget("a");
        slow.SetResult("stale");
        await first;

        (await AskAsync()).ShouldBe("answer 1");
    }

    [Fact]
    public async Task Neither_a_failure_nor_no_answer_is_remembered()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => _memory.GetAsync("a", _ => throw new InvalidOperationException(), Ct));
        await Should.ThrowAsync<IOException>(() => _memory.GetAsync("a", _ => Task.FromException<string?>(new IOException()), Ct));
        (await _memory.GetAsync("a", _ => Task.FromResult<string?>(null), Ct)).ShouldBeNull();
        (await AskAsync()).ShouldBe("answer 1");
    }

    [Fact]
    public async Task Those_who_ask_at_once_share_one_question()
    {
        var slow = new TaskCompletionSource<string?>();
        var asked = 0;
        var all = Enumerable.Range(0, 10).Select(_ => _memory.GetAsync(
            "a",
            _ =>
            {
                asked++;
                return slow.Task;
            },
            Ct)).ToList();
        slow.SetResult("shared");
        (await Task.WhenAll(all)).ShouldAllBe(a => a == "shared");
        asked.ShouldBe(1);
    }

    [Fact]
    public async Task It_keeps_no_more_than_it_may()
    {
        for (var i = 0; i < 4; i++)
        {
            await _memory.GetAsync($"{i}", k => Task.FromResult<string?>(k), Ct);
        }

        (await _memory.GetAsync("0", _ => Task.FromResult<string?>("anew"), Ct)).ShouldBe("anew");
        (await _memory.GetAsync("3", _ => Task.FromResult<string?>("anew"), Ct)).ShouldBe("3");
    }

    private Task<string?> AskAsync() => _memory.GetAsync("a", _ => Task.FromResult<string?>($"answer {++_asked}"), Ct);
}
