using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Router.Tests.Events;

public sealed class ReactionTests(ReactionTests.Raids host) : IClassFixture<ReactionTests.Raids>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ordered_reactions_run_by_priority_then_the_parallel_ones_together_and_a_failure_stops_none()
    {
        var routed = await host.Get<IEventTransport>().DeliverAsync(
            new InboundEvent
            {
                Channel = new ChannelId(Platform.Sandbox, null, "lobby"),
                Type = "raid",
                UserId = "ada",
                UserName = "Ada",
                OccurredAt = host.Get<TimeProvider>().GetUtcNow(),
            },
            Ct);

        var seen = host.Seen.ToList();
        seen.Take(6).ShouldBe(["early starts", "early ends", "failing starts", "late starts", "late ends", seen[5]]);
        seen[5].ShouldEndWith("starts");
        seen.Skip(5).Take(2).ShouldBe(["left starts", "right starts"], ignoreOrder: true);
        seen.Skip(7).ShouldBe(["left ends", "right ends"], ignoreOrder: true);

        routed.Responses.Select(r => r.ChatMessage)
            .Where(m => m is "early" or "late" or "left" or "right")
            .Take(2)
            .ShouldBe(["early", "late"]);
        (await host.Get<Database>().Write.ListAsync(
            $"select c.command, x.status, x.trigger from router.command_executions x join router.commands c on c.id = x.command_id order by 1",
            r => (r.GetString(0), r.GetString(1), r.GetString(2)),
            Ct)).ShouldBe(
        [
            ("test.early", "success", "event"), ("test.failing", "failed", "event"), ("test.late", "success", "event"),
            ("test.left", "success", "event"), ("test.right", "success", "event"),
        ]);
    }

    /// <summary>Five reactions to a raid; the two parallel ones each wait for the other to have begun.</summary>
    public sealed class Raids : TestHost
    {
        private readonly CountdownEvent _together = new(2);

        public Raids() => Configure = services =>
        {
            Add(services, "late", priority: 30, parallel: false);
            Add(services, "right", priority: 1, parallel: true);
            Add(services, "early", priority: 10, parallel: false);
            Add(services, "left", priority: 2, parallel: true);
            Add(services, "failing", priority: 20, parallel: false);
        };

        public ConcurrentQueue<string> Seen { get; } = new();

        private void Add(
            IServiceCollection services, string name, int priority, bool parallel) => services.AddSingleton(
            new RegisteredReaction("test", "1.0.0", new ReactionSpec(name, ["raid"], priority, parallel), new Reaction(this, name, parallel)));

        private sealed class Reaction(Raids raids, string name, bool parallel) : IReaction
        {
            public async ValueTask<Reply> RunAsync(ReactionCall call, CancellationToken ct)
            {
                raids.Seen.Enqueue($"{name} starts");
                await Task.Yield();
                if (name == "failing")
                {
                    throw new InvalidOperationException("I fail.");
                }

                if (parallel)
                {
                    raids._together.Signal();
                    raids._together.Wait(TimeSpan.FromSeconds(10), ct).ShouldBeTrue();
                }

                raids.Seen.Enqueue($"{name} ends");
                return Reply.Text(name);
            }
        }
    }
}
