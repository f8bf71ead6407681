using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Modules.Moderation;

namespace Rookery.Moderation.Tests;

public sealed class MatchCountTests(TestHost host) : IClassFixture<TestHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Database Db => host.Get<Database>();

    [Fact]
    public async Task Every_one_of_many_simultaneous_matches_is_counted()
    {
        var channels = Enumerable.Range(0, 20).Select(_ => new Channel(host)).ToList();
        await Task.WhenAll(channels.Select(c => c.EnterAsync()));
        var rule = await channels[0].RuleAsync(
            "count me",
            new() { ["enabled_entity_ids"] = new JsonArray([.. channels.Select(c => (JsonNode)c.EntityId)]) });
        var began = DateTimeOffset.Parse(
            (await host.RuleAsync(rule))["created_at"]!.GetValue<string>(),
            System.Globalization.CultureInfo.InvariantCulture);

        await Task.WhenAll(channels.SelectMany(c => Enumerable.Range(0, 10).Select(_ => c.SayAsync("count me"))));

        var counted = await host.RuleAsync(rule);
        counted["match_count"]!.GetValue<long>().ShouldBe(200);
        counted["last_matched"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(began);
        await TestHost.EventuallyAsync(async () => await StoredAsync(rule) == 200, "all matches are folded in");
        (await host.RuleAsync(rule))["match_count"]!.GetValue<long>().ShouldBe(200);
    }

    [Fact]
    public async Task Nodes_that_fold_at_once_count_each_match_once()
    {
        var rule = await new Channel(host).RuleAsync("never said");
        await Db.Write.ExecuteAsync(
            $"insert into moderation.match_deltas select {rule}, 1, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second' from generate_series(1, 5000) n", Ct);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await new FoldMatches(Db).RunAsync(Ct)));

        await TestHost.EventuallyAsync(async () => await StoredAsync(rule) > 0, "the matches are folded in");
        (await StoredAsync(rule)).ShouldBe(5000);
        (await host.RuleAsync(rule))["last_matched"]!.GetValue<DateTimeOffset>().ShouldBe(
            new DateTimeOffset(2026, 1, 1, 1, 23, 20, TimeSpan.Zero));
    }

    [Fact]
    public async Task What_a_stopped_node_left_behind_is_counted_by_the_next()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        long rule;
        await using (var first = await StartAsync(database))
        {
            var channel = new Channel(first);
            rule = await channel.RuleAsync("count me");
            await channel.SayAsync("count me");
            await first.Get<Database>().Write.ExecuteAsync(
                $"insert into moderation.match_deltas values ({rule}, 41, now())", Ct);
        }

        await using (var second = await StartAsync(database))
        {
            (await second.RuleAsync(rule))["match_count"]!.GetValue<long>().ShouldBe(42);
        }

        await TestPostgres.DropDatabaseAsync(database);
    }

    private static async Task<TestHost> StartAsync(string database)
    {
        var host = new TestHost { ConnectionString = database };
        await host.InitializeAsync();
        return host;
    }

    private Task<long> StoredAsync(long rule) =>
        Db.Read.ValueAsync<long>($"select match_count from moderation.stringmatch where id = {rule}", Ct);
}
