using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Router.Tests.Limits;

/// <summary>The limit through the whole router, where calls come all at once.</summary>
public sealed class RateLimitTests
{
    private const int Limit = 60;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_thousand_simultaneous_calls_exactly_the_limit_passes_and_a_restart_forgets_none()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var clock = new ManualClock();
        await using (var host = Host(database, clock))
        {
            await host.InitializeAsync();
            var outcomes = await CallAsync(host, 1000);
            outcomes.Count(o => o.Outcome == Outcome.Replied).ShouldBe(Limit);
            outcomes.Count(o => o.Outcome == Outcome.Refused).ShouldBe(1000 - Limit);
            outcomes.Where(o => o.Outcome == Outcome.Refused).ShouldAllBe(
                o => o.Responses.Single().ChatMessage!.Contains("again in"));

            // Every call has its row, and the refusals are counted.
            (await host.Get<Database>().Write.ListAsync(
                $"select response_status, count(*)::int from router.command_executions where status <> 'pending' group by 1 order by 1",
                r => (r.GetInt32(0), r.GetInt32(1)),
                Ct)).ShouldBe([(200, Limit), (429, 1000 - Limit)]);
            (await host.Get<Database>().Write.ValueAsync<long>($"select sum(request_count)::bigint from router.rate_limits", Ct)).ShouldBe(1000 - Limit);
        }

        clock.Advance(TimeSpan.FromSeconds(30));
        await using (var host = Host(database, clock))
        {
            await host.InitializeAsync();
            (await CallAsync(host, 20)).ShouldAllBe(o => o.Outcome == Outcome.Refused);
            (await CallAsync(host, 5, user: "bob")).ShouldAllBe(o => o.Outcome == Outcome.Replied);
            (await CallAsync(host, 5, channel: "other")).ShouldAllBe(o => o.Outcome == Outcome.Replied);
            clock.Advance(TimeSpan.FromSeconds(31));
            (await CallAsync(host, 5)).ShouldAllBe(o => o.Outcome == Outcome.Replied);
        }

        await TestPostgres.DropDatabaseAsync(database);
    }

    private static Task<Routed[]> CallAsync(TestHost host, int calls, string user = "ada", string channel = "lobby")
    {
        var transport = host.Get<IEventTransport>();
        var now = host.Get<TimeProvider>().GetUtcNow();
        return Task.WhenAll(Enumerable.Range(0, calls).Select(_ => transport.DeliverAsync(
            new InboundEvent
            {
                Channel = new ChannelId(Platform.Sandbox, null, channel),
                Type = MessageTypes.Chat,
                UserId = user,
                UserName = user,
                Text = "!limited",
                OccurredAt = now,
            },
            Ct).AsTask()));
    }

    private static TestHost Host(string database, ManualClock clock) => new()
    {
        ConnectionString = database,
        Clock = clock,
        Configure = services => services.AddSingleton(
            new RegisteredCommand("test", "1.0.0", new CommandSpec("limited", "Answers, but not often.") { RateLimit = Limit }, new Answer())),
    };

    private sealed class Answer : ICommand
    {
        public ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct) => new(Reply.Text("Here."));
    }
}
