using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Modules.Reputation;

namespace Rookery.Reputation.Tests;

public sealed class ScoreBookTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private const long Community = 1;

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Who did what, for hundredths of how many points; few of each, so that many meet.</summary>
    private static readonly Gen<List<(int User, int Event, int Hundredths)>> Bookings =
        (from user in Gen.Choose(0, 2)
         from e in Gen.Choose(0, 9)
         select (user, e, (e * 37) - 100 + user)).ListOf(60).Select(l => l.ToList());

    [Fact]
    public void Whatever_is_booked_by_two_nodes_at_once_a_score_is_the_sum_of_its_events_and_no_event_counts_twice() =>
        Prop.ForAll(Bookings.ToArbitrary(), HoldsAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public async Task A_hundredth_of_a_point_is_never_lost()
    {
        await using var book = Book();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => book.AddAsync(Did("penny", $"cent{i}", 0.01m))));

        (await StoreOf().FindAsync(Community, Platform.Twitch, "penny", Ct))!.Score.ShouldBe(10.00m);
    }

    [Fact]
    public async Task An_activity_is_there_with_its_points_or_not_at_all()
    {
        await using var book = Book();
        var refused = book.AddAsync(Did("half", "no such\0id", 5));
        var taken = book.AddAsync(Did("half", "whole", 7));
        await Should.ThrowAsync<Exception>(refused);
        await taken;

        (await StoreOf().FindAsync(Community, Platform.Twitch, "half", Ct))!.Score.ShouldBe(7);
        (await database.Db.Read.ListAsync(
            $"select event_id, amount, context_sent, reputation_sent from twitch.twitch_activities where user_id = 'half'",
            r => (r.GetString(0), r.GetDecimal(1), r.GetBoolean(2), r.GetBoolean(3)),
            Ct)).ShouldBe([("whole", 7m, true, true)]);
    }

    [Fact]
    public async Task Nobody_gets_a_row_of_activity_but_no_score()
    {
        await using var book = Book();
        await book.AddAsync(Did("anonymous", "gift", 60) with { Counts = false });

        (await StoreOf().FindAsync(Community, Platform.Twitch, "anonymous", Ct)).ShouldBeNull();
        (await database.Db.Read.ValueAsync<bool>(
            $"select reputation_sent from twitch.twitch_activities where user_id = 'anonymous'", Ct)).ShouldBeFalse();
    }

    [Fact]
    public async Task Talk_that_is_booked_without_waiting_is_there_after_an_orderly_end()
    {
        await using (var book = Book())
        {
            for (var i = 0; i < 1200; i++)
            {
                book.TryAdd(Did($"talker{i % 7}", $"line{i}", 5)).ShouldBeTrue();
            }
        }

        (await database.Db.Read.ValueAsync<decimal>(
            $"select sum(score) from reputation.reputation_scores where user_id like 'talker%'", Ct)).ShouldBe(6_000);
    }

    private async Task<bool> HoldsAsync(List<(int User, int Event, int Hundredths)> bookings)
    {
        var run = $"{Guid.NewGuid():N}";
        await using (var one = Book())
        await using (var other = Book())
        {
            await Task.WhenAll(bookings.Select((b, i) =>
                (i % 2 == 0 ? one : other).AddAsync(Did($"{run}-{b.User}", $"{run}:{b.User}:{b.Event}", b.Hundredths / 100m))));
        }

        foreach (var user in bookings.Distinct().GroupBy(b => b.User))
        {
            var score = await StoreOf().FindAsync(Community, Platform.Twitch, $"{run}-{user.Key}", Ct);
            var events = await StoreOf().EventsAsync(Community, Platform.Twitch, $"{run}-{user.Key}", null, new(200, null), Ct);
            var inOrder = events.Reverse().ToList();
            if (score!.Score != user.Sum(b => b.Hundredths) / 100m
                || score.Events != user.Count()
                || events.Sum(e => e.Points) != score.Score
                || events.DistinctBy(e => e.EventId).Count() != user.Count()
                || inOrder[0].PreviousScore != 0
                || inOrder.Zip(inOrder.Skip(1)).Any(p => p.First.NewScore != p.Second.PreviousScore))
            {
                return false;
            }
        }

        return true;
    }

    private static Activity Did(string user, string id, decimal points) =>
        new(Community, Platform.Twitch, id, id, "message", user, user, points, true, Now);

    private ScoreBook Book() => new(database.Db, TimeProvider.System, NullLogger<ScoreBook>.Instance);

    private ScoreStore StoreOf() => new(database.Db, null!, TimeProvider.System);
}
