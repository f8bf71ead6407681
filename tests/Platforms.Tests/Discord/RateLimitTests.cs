using Rookery.Kernel.Web;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Tests.Discord;

public sealed class RateLimitTests
{
    private const string Route = "POST channels/{channel}/messages";

    private readonly ManualClock _clock = new();
    private readonly RateLimits _limits;

    public RateLimitTests() => _limits = new RateLimits(Microsoft.Extensions.Options.Options.Create(new DiscordOptions()), _clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Until_an_answer_tells_the_limit_one_call_goes_at_a_time()
    {
        var first = await _limits.EnterAsync(Route, "1", Ct);
        var second = _limits.EnterAsync(Route, "1", Ct).AsTask();
        second.IsCompleted.ShouldBeFalse();

        _limits.Note(first, Route, "1", Answer(200, limit: 5, remaining: 4, reset: 2));
        await AdvanceUntilAsync(second, TimeSpan.FromMilliseconds(30));
    }

    [Fact]
    public async Task What_an_answer_leaves_may_go_at_once_and_the_rest_when_the_window_ends()
    {
        var bucket = await _limits.EnterAsync(Route, "1", Ct);
        _limits.Note(bucket, Route, "1", Answer(200, limit: 3, remaining: 2, reset: 0.5));
        await _limits.EnterAsync(Route, "1", Ct);
        await _limits.EnterAsync(Route, "1", Ct);

        var over = _limits.EnterAsync(Route, "1", Ct).AsTask();
        over.IsCompleted.ShouldBeFalse();
        await _limits.EnterAsync(Route, "another channel", Ct);
        _clock.Advance(TimeSpan.FromSeconds(0.4));
        over.IsCompleted.ShouldBeFalse();
        await AdvanceUntilAsync(over, TimeSpan.FromSeconds(0.2));
    }

    [Fact]
    public async Task Too_many_calls_for_one_channel_stop_that_channel_for_as_long_as_Discord_says()
    {
        var bucket = await _limits.EnterAsync(Route, "1", Ct);
        _limits.Note(bucket, Route, "1", Answer(429, retryAfter: "0.75", scope: "user"));

        var next = _limits.EnterAsync(Route, "1", Ct).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(0.7));
        next.IsCompleted.ShouldBeFalse();
        (await _limits.EnterAsync(Route, "2", Ct)).ShouldNotBeNull();
        await AdvanceUntilAsync(next, TimeSpan.FromSeconds(0.1));
    }

    [Fact]
    public async Task Too_many_calls_in_all_stop_everything()
    {
        var bucket = await _limits.EnterAsync(Route, "1", Ct);
        _limits.Note(bucket, Route, "1", Answer(429, retryAfter: "0.9", scope: "global"));

        var other = _limits.EnterAsync("GET elsewhere", "9", Ct).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        other.IsCompleted.ShouldBeFalse();
        await AdvanceUntilAsync(other, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Refused_calls_are_counted_and_long_before_a_ban_nothing_is_sent()
    {
        for (var i = 0; i < InvalidCalls.Most; i++)
        {
            _limits.Note(new Bucket(_clock), Route, $"{i}", Answer(i % 2 == 0 ? 403 : 401));
        }

        _limits.Invalid.Wait.ShouldBe(TimeSpan.FromMinutes(10));
        _clock.Advance(TimeSpan.FromMinutes(10));
        _limits.Invalid.Wait.ShouldBe(TimeSpan.Zero);

        var bucket = await _limits.EnterAsync(Route, "1", Ct);
        for (var i = 0; i < InvalidCalls.Most; i++)
        {
            _limits.Note(bucket, Route, "1", Answer(429, retryAfter: "1", scope: "shared"));
        }

        _limits.Invalid.Wait.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Shards_identify_five_seconds_apart_in_each_bucket_and_wait_for_the_next_day_when_it_is_used_up()
    {
        var limit = new IdentifyLimit(new SessionStartLimit(1000, 3, 60_000, 2), _clock);

        limit.Take(0).ShouldBe(TimeSpan.Zero);
        limit.Take(1).ShouldBe(TimeSpan.Zero);
        limit.Take(2).ShouldBe(TimeSpan.FromSeconds(5));
        limit.Take(3).ShouldBe(TimeSpan.FromSeconds(60));
        limit.Take(5).ShouldBe(TimeSpan.FromSeconds(65));
    }

    [Theory]
    [InlineData(4004, "BotToken")]
    [InlineData(4014, "message content intent")]
    [InlineData(4014, "server members intent")]
    [InlineData(4011, "Shards")]
    public void A_refusal_says_which_switch_to_flip(int code, string cure) =>
        CloseCodes.Cure(code, Intents.Default)!.ShouldContain(cure);

    [Theory]
    [InlineData(4000)]
    [InlineData(4001)]
    [InlineData(4008)]
    [InlineData(1006)]
    public void Other_ends_are_tried_again_with_the_session(int code)
    {
        CloseCodes.Cure(code, Intents.Default).ShouldBeNull();
        CloseCodes.EndsSession(code).ShouldBeFalse();
    }

    private async Task AdvanceUntilAsync(Task waiting, TimeSpan time)
    {
        _clock.Advance(time);
        await waiting.WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }

    private static GuardedResponse Answer(
        int status, int? limit = null, int? remaining = null, double? reset = null, string? retryAfter = null, string? scope = null)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Set("X-RateLimit-Limit", $"{limit}");
        Set("X-RateLimit-Remaining", $"{remaining}");
        Set("X-RateLimit-Reset-After", $"{reset}");
        Set("Retry-After", retryAfter);
        Set("X-RateLimit-Scope", scope);
        return new GuardedResponse { Status = status, Headers = headers };

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                headers[name] = value;
            }
        }
    }
}
