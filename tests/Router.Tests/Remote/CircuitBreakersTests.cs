using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;
using Rookery.Router.Remote;

namespace Rookery.Router.Tests.Remote;

public sealed class CircuitBreakersTests
{
    private static readonly GuardedResponse Good = new() { Status = 200 };
    private static readonly GuardedResponse Bad = new() { Status = 500 };

    private readonly ManualClock _clock = new();
    private readonly CircuitBreakers _breakers;

    public CircuitBreakersTests() => _breakers = new CircuitBreakers(Options.Create(new RemoteOptions()), _clock);

    [Fact]
    public async Task Five_failures_in_a_row_open_it_and_a_success_between_starts_the_count_anew()
    {
        await FailAsync(4);
        (await CallAsync(Good)).ShouldBeTrue();
        await FailAsync(4);
        (await CallAsync(Bad)).ShouldBeTrue();
        (await CallAsync(Good)).ShouldBeFalse();
    }

    [Fact]
    public async Task Other_targets_are_not_concerned()
    {
        await FailAsync(5);
        (await CallAsync(Good)).ShouldBeFalse();
        (await CallAsync(Good, "https://other")).ShouldBeTrue();
    }

    [Fact]
    public async Task After_half_a_minute_one_call_tries_and_its_outcome_decides()
    {
        await FailAsync(5);
        _clock.Advance(TimeSpan.FromSeconds(29));
        (await CallAsync(Good)).ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(1));
        (await CallAsync(Bad)).ShouldBeTrue();
        (await CallAsync(Good)).ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(30));
        (await CallAsync(Good)).ShouldBeTrue();
        await FailAsync(4);
        (await CallAsync(Good)).ShouldBeTrue();
    }

    [Fact]
    public async Task Only_one_call_tries_at_a_time()
    {
        await FailAsync(5);
        _clock.Advance(TimeSpan.FromSeconds(30));
        var pending = new TaskCompletionSource<GuardedResponse>();
        var probe = _breakers.RunAsync("https://a", () => pending.Task);

        (await CallAsync(Good)).ShouldBeFalse();

        pending.SetResult(Good);
        (await probe).ShouldNotBeNull();
        (await CallAsync(Good)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_try_that_was_given_up_leaves_the_place_to_another()
    {
        await FailAsync(5);
        _clock.Advance(TimeSpan.FromSeconds(30));

        await Should.ThrowAsync<OperationCanceledException>(
            _breakers.RunAsync("https://a", () => Task.FromException<GuardedResponse>(new OperationCanceledException())));

        (await CallAsync(Good)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(HttpFailure.Connect, true)]
    [InlineData(HttpFailure.Timeout, true)]
    [InlineData(HttpFailure.Protocol, true)]
    [InlineData(HttpFailure.Refused, false)]
    [InlineData(HttpFailure.TooLarge, false)]
    [InlineData(HttpFailure.Redirect, false)]
    public async Task A_failure_counts_when_it_is_the_targets(HttpFailure failure, bool counts)
    {
        for (var i = 0; i < 5; i++)
        {
            await CallAsync(GuardedResponse.Failed(failure, ""));
        }

        (await CallAsync(Good)).ShouldBe(!counts);
    }

    [Fact]
    public async Task A_refusal_by_a_living_target_does_not_count()
    {
        for (var i = 0; i < 10; i++)
        {
            (await CallAsync(new GuardedResponse { Status = i % 2 == 0 ? 404 : 429 })).ShouldBeTrue();
        }
    }

    private async Task FailAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            (await CallAsync(Bad)).ShouldBeTrue();
        }
    }

    /// <returns>Whether the call was made.</returns>
    private async Task<bool> CallAsync(GuardedResponse answer, string target = "https://a") =>
        await _breakers.RunAsync(target, () => Task.FromResult(answer)) is not null;
}
