using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Settings;

namespace Rookery.Kernel.Tests.Privacy;

public sealed class RetentionTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private readonly ManualClock _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Days_are_dropped_when_the_owner_says_and_the_operator_overrules()
    {
        var table = new DailyTable("router.command_executions", 90);
        var partitions = new Partitions(database.Db, [table], _clock);
        for (var i = 0; i < 4; i++)
        {
            _clock.Advance(TimeSpan.FromDays(9));
            await partitions.EnsureAsync(Ct);
        }

        var days = await DaysAsync(table.Table);
        await JobAsync(partitions, []);
        (await DaysAsync(table.Table)).ShouldBe(days);

        await JobAsync(partitions, [], (table.Table, 5));
        (await DaysAsync(table.Table)).ShouldBeLessThan(days);
    }

    [Fact]
    public async Task Old_rows_go_in_batches_and_young_ones_stay()
    {
        var now = _clock.GetUtcNow();
        await database.Db.Write.ExecuteAsync(
            $"""
            insert into router.rate_limits (command_id, entity_id, user_id, window_start, request_count)
            select n, 1, 'ada', {now} - interval '8 days', 1 from generate_series(1, 12000) n
            union all select 0, 1, 'ada', {now} - interval '6 days', 1
            """,
            Ct);
        var table = new AgedTable("router.rate_limits", "window_start", 7);
        var aged = new AgedTables(database.Db, [table], Options.Create(new RetentionOptions()), _clock);

        (await aged.SweepAsync(table, Ct)).ShouldBe(12_000);
        (await aged.SweepAsync(table, Ct)).ShouldBe(0);
        (await CountAsync($"select count(*) from router.rate_limits")).ShouldBe(1);
    }

    [Fact]
    public async Task A_date_counts_like_a_moment()
    {
        var today = DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);
        await database.Db.Write.ExecuteAsync(
            $"""
            insert into router.command_stats_daily (day, guild_id, command) values ({today.AddDays(-366)}, '1',
                '!old'), ({today.AddDays(-364)}, '1', '!young')
            """,
            Ct);
        var table = new AgedTable("router.command_stats_daily", "day", 365);

        (await new AgedTables(database.Db, [table], Options.Create(new RetentionOptions()), _clock).SweepAsync(table, Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task Each_community_says_how_long_its_acts_are_kept()
    {
        var feed = await database.ListenAsync(database.Node);
        var audit = new AuditLog(database.Db, _clock);
        var settings = new SettingsStore(database.Db, audit, feed, [], _clock);
        await settings.SetAsync(
            SystemSettings.AuditRetentionDays, 1, JsonSerializer.SerializeToElement(10), "test", Ct);
        await database.Db.Write.ExecuteAsync($"delete from kernel.audit_log", Ct);
        var now = _clock.GetUtcNow();
        await database.Db.Write.ExecuteAsync(
            $"""
            insert into kernel.audit_log (guild_id, user_id, action, created_at)
            select g, 'test', g || '/' || d, {now} - make_interval(days => d) from unnest(array['0', '1', '2']) g,
                unnest(array[5, 20, 100]) d
            """,
            Ct);

        (await new AuditRetention(database.Db, settings, _clock).SweepAsync(Ct)).ShouldBe(4);

        var left = await database.Db.Write.ListAsync(
            $"select action from kernel.audit_log order by action", r => r.GetString(0), Ct);
        left.ShouldBe(["0/20", "0/5", "1/5", "2/20", "2/5"]);
        await feed.StopAsync(Ct);
    }

    [Fact]
    public async Task Actions_that_wait_are_never_swept()
    {
        var old = _clock.GetUtcNow().AddDays(-400);
        await database.Db.Write.ExecuteAsync(
            $$"""
            insert into kernel.outbox (idempotency_key, sender, action, status, created_at, finished_at)
            values ('waits', 'x', '{}', 'pending', {{old}}, null), ('sent', 'x', '{}', 'sent', {{old}}, {{old}}),
                ('failed', 'x', '{}', 'failed', {{old}}, {{old}}), ('fresh', 'x', '{}', 'sent', {{old}},
                    {{_clock.GetUtcNow().AddDays(-13)}})
            """,
            Ct);

        (await new OutboxRetention(database.Db, Options.Create(new OutboxOptions()), _clock).SweepAsync(Ct)).ShouldBe(2);

        var left = await database.Db.Write.ListAsync(
            $"select idempotency_key from kernel.outbox order by 1", r => r.GetString(0), Ct);
        left.ShouldBe(["fresh", "waits"]);
    }

    [Fact]
    public async Task Nodes_that_are_gone_are_forgotten_and_living_ones_never()
    {
        var feed = await database.ListenAsync(database.Node);
        await database.Db.Write.ExecuteAsync(
            $"""
            insert into kernel.nodes (node_id, lock_key, host, roles, last_seen)
            values ({Guid.NewGuid()}, 1, 'gone', {Array.Empty<string>()}, {_clock.GetUtcNow().AddDays(-8)}),
                ({Guid.NewGuid()}, 2, 'just gone', {Array.Empty<string>()}, {_clock.GetUtcNow().AddDays(-6)})
            """,
            Ct);
        await database.Db.Write.ExecuteAsync(
            $"update kernel.nodes set last_seen = {_clock.GetUtcNow().AddDays(-90)} where node_id = {database.Node.Id}", Ct);

        (await new NodeRetention(database.Db, _clock).SweepAsync(Ct)).ShouldBe(1);

        (await CountAsync($"select count(*) from kernel.nodes where host = 'just gone' or node_id = {database.Node.Id}"))
            .ShouldBe(2);
        await feed.StopAsync(Ct);
    }

    [Fact]
    public async Task Only_rows_that_meet_the_further_condition_go()
    {
        var old = _clock.GetUtcNow().AddDays(-40);
        await database.Db.Write.ExecuteAsync(
            $$"""
            insert into kernel.timers (id, kind, key, due_at, next_try_at, failed_at)
            values ({{Guid.NewGuid()}}, 'x', 'failed', {{old}}, {{old}}, {{old}}), ({{Guid.NewGuid()}}, 'x', 'waits', {{old}}, {{old}}, null);
            """,
            Ct);
        await database.Db.Write.ExecuteAsync(
            $"""
            insert into memories.memories (community_id, memory_type, title, content, updated_at, is_active)
            values (1, 'note', 'deleted', 'x', {old}, false), (1, 'note', 'kept', 'x', {old}, true),
                (1, 'note', 'reminded of', 'x', {old}, false)
            """,
            Ct);
        await database.Db.Write.ExecuteAsync(
            $"""
            insert into memories.reminders (memory_id, community_id, entity_id, platform, user_id, user_name, reminder_text,
                remind_at, zone, cancelled_at)
            select id, 1, 'sandbox:c', 'sandbox', 'ada', 'Ada', 'waits', {old}, 'UTC', null
            from memories.memories where title = 'reminded of'
            union all select null, 1, 'sandbox:c', 'sandbox', 'ada', 'Ada', 'cancelled', {old}, 'UTC', {old.AddDays(-60)}
            """,
            Ct);
        await using var host = new TestHost { ConnectionString = database.ConnectionString };
        await host.InitializeAsync();
        var aged = new AgedTables(
            database.Db, host.Get<AgedTables>().All, Options.Create(new RetentionOptions()), _clock);

        foreach (var table in aged.All)
        {
            await aged.SweepAsync(table, Ct);
        }

        (await CountAsync($"select count(*) from kernel.timers where key = 'waits'")).ShouldBe(1);
        (await CountAsync($"select count(*) from kernel.timers where key = 'failed'")).ShouldBe(0);
        (await CountAsync($"select count(*) from memories.memories where title in ('kept', 'reminded of')")).ShouldBe(2);
        (await CountAsync($"select count(*) from memories.memories where title = 'deleted'")).ShouldBe(0);
        (await CountAsync($"select count(*) from memories.reminders where reminder_text = 'waits'")).ShouldBe(1);
        (await CountAsync($"select count(*) from memories.reminders where reminder_text = 'cancelled'")).ShouldBe(0);
    }

    [Theory]
    [InlineData("Retention:KeepDays:router.command_executions", "0")]
    [InlineData("Retention:KeepDays:router.command_execution", "5")]
    public async Task A_retention_that_means_nothing_stops_the_start(string key, string value)
    {
        await using var host =
            new TestHost { Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { [key] = value } };

        (await Should.ThrowAsync<OptionsValidationException>(async () => await host.InitializeAsync())).Message.ShouldContain("Retention:KeepDays");
    }

    private Task JobAsync(Partitions partitions, AgedTable[] aged, params (string Table, int Days)[] keep)
    {
        var options = Options.Create(
            new RetentionOptions { KeepDays = keep.ToDictionary(k => k.Table, k => k.Days, StringComparer.Ordinal) });
        var job = new RetentionJob(
            partitions,
            new AgedTables(database.Db, aged, options, _clock),
            [],
            options,
            NullLogger<RetentionJob>.Instance);
        return job.RunAsync(Ct).AsTask();
    }

    private Task<long> DaysAsync(string table) =>
        CountAsync($"select count(*) from pg_inherits where inhparent = {table}::text::regclass");

    private Task<long> CountAsync(Sql sql) => database.Db.Write.ValueAsync<long>(sql, Ct);
}
