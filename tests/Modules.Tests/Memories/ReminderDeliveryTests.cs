using Rookery.Kernel.Data;

namespace Rookery.Memories.Tests;

public sealed class ReminderDeliveryTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 20, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_due_reminder_is_said_once_where_it_was_made_to_whom_made_it()
    {
        await using var host = await StartAsync(new ManualClock(Noon));
        await host.AskAsync("!remind tea in \"1 minute\"", "ada", "once");
        await host.AskAsync("!remind later in 2 minutes", "ada", "once");

        host.Clock!.Advance(TimeSpan.FromSeconds(59));
        host.Sandbox.In("once").ShouldBeEmpty();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        (await host.Sandbox.TextsAsync("once", 1)).ShouldBe(["⏰ ada: tea"]);
        host.Clock.Advance(TimeSpan.FromSeconds(60));
        (await host.Sandbox.TextsAsync("once", 2)).ShouldBe(["⏰ ada: tea", "⏰ ada: later"]);

        var message = host.Sandbox.In("once")[0];
        (message.MentionUserId, message.MentionName).ShouldBe(("ada", "ada"));
        (await host.AskAsync("!memories reminders", "ada", "once")).ShouldStartWith("You have no reminders to come.");
        (await StateAsync("once", "tea")).ShouldBe((IsSent: true, IsLate: false, RemindAt: Noon.AddMinutes(1)));
    }

    [Fact]
    public async Task A_cancelled_reminder_is_never_said()
    {
        await using var host = await StartAsync(new ManualClock(Noon));
        var id = MemoriesHost.IdIn(await host.AskAsync("!remind never in 5 minutes", channel: "cancelled"));
        await host.AskAsync("!remind fence in 6 minutes", channel: "cancelled");
        await host.AskAsync($"!memories cancel {id}", channel: "cancelled");
        (await CountAsync($"select count(*) from kernel.timers where kind = 'memories.reminder' and key = {id.ToString(System.Globalization.CultureInfo.InvariantCulture)}")).ShouldBe(0);

        host.Clock!.Advance(TimeSpan.FromMinutes(6));

        (await host.Sandbox.TextsAsync("cancelled", 1)).ShouldBe(["⏰ ada: fence"]);
    }

    [Fact]
    public async Task A_reminder_due_during_a_downtime_comes_once_and_says_that_it_is_late()
    {
        var clock = new ManualClock(Noon);
        await using (var before = await StartAsync(clock))
        {
            await before.AskAsync("!remind tea in 65 minutes", channel: "down");
            await before.AskAsync("!remind punctual in 180 minutes", channel: "down");
            await before.AskAsync("!remind standup every day 12:30", channel: "down");
            before.Sandbox.In("down").ShouldBeEmpty();
        }

        clock.Set(Noon.AddMinutes(180).AddSeconds(5));
        await using var after = await StartAsync(clock);

        (await after.Sandbox.TextsAsync("down", 3)).ShouldBe(
            ["⏰ ada: standup (late: was due 12:30)", "⏰ ada: tea (late: was due 13:05)", "⏰ ada: punctual"]);
        (await StateAsync("down", "tea")).ShouldBe((IsSent: true, IsLate: true, RemindAt: Noon.AddMinutes(65)));
    }

    [Fact]
    public async Task Missed_recurrences_are_skipped_and_the_next_one_is_set()
    {
        var clock = new ManualClock(Noon);
        await using (var before = await StartAsync(clock))
        {
            await before.AskAsync("!remind standup every day 18:00", channel: "missed");
        }

        clock.Set(Noon.AddDays(5));
        await using var after = await StartAsync(clock);

        (await after.Sandbox.TextsAsync("missed", 1)).ShouldBe(["⏰ ada: standup (late: was due 2026-03-20 18:00)"]);
        (await StateAsync("missed", "standup")).ShouldBe(
            (IsSent: false, IsLate: true, RemindAt: Noon.AddDays(5).AddHours(6)));
        clock.Set(Noon.AddDays(5).AddHours(6));
        (await after.Sandbox.TextsAsync("missed", 2))[1].ShouldBe("⏰ ada: standup");
    }

    [Fact]
    public async Task A_weekly_reminder_keeps_its_wall_clock_time_when_the_clocks_change()
    {
        await using var host = await StartAsync(new ManualClock(Noon));
        await host.AskAsync("!memories timezone Europe/Paris", "zoe", "dst");
        await host.AskAsync("!remind church every sunday 09:00", "zoe", "dst");

        foreach (var (utc, next) in new[] { ("2026-03-22T08:00Z", "2026-03-29T07:00Z"), ("2026-03-29T07:00Z", "2026-04-05T07:00Z") })
        {
            var sent = host.Sandbox.In("dst").Count;
            host.Clock!.Set(Instant(utc).AddSeconds(-1));
            (await StateAsync("dst", "church")).RemindAt.ShouldBe(Instant(utc));
            host.Clock.Set(Instant(utc));
            (await host.Sandbox.TextsAsync("dst", sent + 1))[^1].ShouldBe("⏰ zoe: church");
            (await StateAsync("dst", "church")).RemindAt.ShouldBe(Instant(next));
        }
    }

    [Fact]
    public async Task A_recurring_reminder_stops_after_its_last_date()
    {
        await using var host = await StartAsync(new ManualClock(Noon));
        await host.AskAsync("!remind vitamins every day 18:00 until 2026-03-21", channel: "end");

        host.Clock!.Set(Noon.AddHours(6));
        await host.Sandbox.TextsAsync("end", 1);
        host.Clock.Set(Noon.AddHours(30));
        await host.Sandbox.TextsAsync("end", 2);

        (await StateAsync("end", "vitamins")).ShouldBe((IsSent: true, IsLate: false, RemindAt: Noon.AddHours(30)));
        var community = await host.CommunityAsync("end");
        (await CountAsync($"select count(*) from kernel.timers where kind = 'memories.reminder' and community_id = {community}")).ShouldBe(0);
    }

    [Fact]
    public async Task Two_nodes_on_one_database_say_each_reminder_once()
    {
        var clock = new ManualClock(Noon);
        await using var first = await StartAsync(clock);
        await using var second = await StartAsync(clock, first.Sandbox);
        const int Count = 60;
        for (var i = 0; i < Count; i++)
        {
            await (i % 2 == 0 ? first : second).AskAsync($"!remind number-{i} in 10 minutes", $"user-{i}", "two");
        }

        clock.Advance(TimeSpan.FromMinutes(10));
        await first.Sandbox.TextsAsync("two", Count);
        await first.AskAsync("!remind fence in 1 minute", "ada", "two");
        clock.Advance(TimeSpan.FromMinutes(1));
        var said = await first.Sandbox.TextsAsync("two", Count + 1);

        said.Distinct(StringComparer.Ordinal).Count().ShouldBe(Count + 1);
        said.Count.ShouldBe(Count + 1);
        first.Sandbox.Keys.Distinct(StringComparer.Ordinal).Count().ShouldBe(first.Sandbox.Keys.Count);
    }

    [Fact]
    public async Task A_timer_that_fires_twice_adds_nothing_twice()
    {
        await using var host = await StartAsync(new ManualClock(Noon));
        var id = MemoriesHost.IdIn(await host.AskAsync("!remind tea in 1 minute", channel: "twice"));
        host.Clock!.Advance(TimeSpan.FromMinutes(1));
        await host.Sandbox.TextsAsync("twice", 1);

        var community = await host.CommunityAsync("twice");
        await host.Get<Database>().TransactionAsync(
            t => host.Get<Kernel.Scheduling.Timers>().SetAsync(
                t, "memories.reminder", id.ToString(System.Globalization.CultureInfo.InvariantCulture), Noon.AddMinutes(1), "{}", community, Ct),
            Ct);
        await TestHost.EventuallyAsync(
            async () =>
                await CountAsync($"select count(*) from kernel.timers where kind = 'memories.reminder' and community_id = {community}") == 0,
            "the second timer is done");

        (await CountAsync($"select count(*) from kernel.outbox where community_id = {community}")).ShouldBe(1);
    }

    private async Task<MemoriesHost> StartAsync(ManualClock clock, RecordingSender? sandbox = null)
    {
        var host =
            new MemoriesHost { ConnectionString = database.ConnectionString, Clock = clock, Sandbox = sandbox ?? new RecordingSender() };
        await host.InitializeAsync();
        return host;
    }

    private async Task<(bool IsSent, bool IsLate, DateTimeOffset RemindAt)> StateAsync(string channel, string text) => (await database.Db.Write.ListAsync(
        $"select is_sent, is_late, remind_at from memories.reminders where entity_id = {$"sandbox:{channel}"} and reminder_text = {text}",
        r => (r.GetBoolean(0), r.GetBoolean(1), r.GetFieldValue<DateTimeOffset>(2)),
        Ct)).Single();

    private Task<long> CountAsync(Sql sql) => database.Db.Write.ValueAsync<long>(sql, Ct);

    private static DateTimeOffset Instant(string text) =>
        DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
