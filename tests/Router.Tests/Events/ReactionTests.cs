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
        var routed = await host.Get<IEventTransport>().DeliverAsync(host.Raid("raid-1"), Ct);

        var seen = host.Seen("raid-1");
        seen.Take(6).ShouldBe(["early starts", "early ends", "failing starts", "late starts", "late ends", seen[5]]);
        seen[5].ShouldEndWith("starts");
        seen.Skip(5).Take(2).ShouldBe(["left starts", "right starts"], ignoreOrder: true);
        seen.Skip(7).ShouldBe(["left ends", "right ends"], ignoreOrder: true);

        routed.Responses.Select(r => r.ChatMessage)
            .Where(m => m is "early" or "late" or "left" or "right")
            .Take(2)
            .ShouldBe(["early", "late"]);
        (await host.ExecutionsAsync("raid-1", Ct)).ShouldBe(
        [
            ("test.early", "success", "event"), ("test.failing", "failed", "event"), ("test.late", "success", "event"),
            ("test.left", "success", "event"), ("test.right", "success", "event"),
        ]);
    }

    [Fact]
    public async Task Before_the_first_of_several_runs_all_are_written_with_the_events_claim_so_that_none_is_lost_unseen()
    {
        (await host.Get<IEventTransport>().DeliverAsync(host.Raid("raid-2"), Ct)).Outcome.ShouldBe(Outcome.Replied);

        host.WrittenFirst["raid-2"].ShouldBe(
        [
            ("test.early", "pending", "event"), ("test.failing", "pending", "event"), ("test.late", "pending", "event"),
            ("test.left", "pending", "event"), ("test.right", "pending", "event"),
        ]);
        var seen = host.Seen("raid-2").Count;
        (await host.Get<IEventTransport>().DeliverAsync(host.Raid("raid-2"), Ct)).Outcome.ShouldBe(Outcome.Duplicate);
        host.Seen("raid-2").Count.ShouldBe(seen);
    }

    [Fact]
    public async Task A_command_and_what_reacts_to_the_same_line_are_written_before_the_command_runs()
    {
        var line = host.Raid("line-1") with { Type = MessageTypes.Chat, Text = "!looks" };
        (await host.Get<IEventTransport>().DeliverAsync(line, Ct)).Responses.Select(r => r.ChatMessage).ShouldBe(["looked", "listener"]);

        host.WrittenFirst["line-1"].ShouldBe([("test.listener", "pending", "event"), ("looks", "pending", "command")], ignoreOrder: true);
        (await host.ExecutionsAsync("line-1", Ct)).ShouldAllBe(e => e.Status == "success");
    }

    /// <summary>Five reactions to a raid; the two parallel ones each wait for the other to have begun.</summary>
    public sealed class Raids : TestHost
    {
        private readonly Barrier _together = new(2);
        private readonly ConcurrentQueue<(string Event, string What)> _seen = new();

        public Raids() => Configure = services =>
        {
            Add(services, "late", priority: 30, parallel: false);
            Add(services, "right", priority: 1, parallel: true);
            Add(services, "early", priority: 10, parallel: false);
            Add(services, "left", priority: 2, parallel: true);
            Add(services, "failing", priority: 20, parallel: false);
            Add(services, "listener", priority: 1, parallel: false, to: MessageTypes.Chat);
            services.AddSingleton(new RegisteredCommand("test", "1.0.0", new CommandSpec("looks", "Looks what is written."), new Looks(this)));
        };

        /// <summary>What was written of an event when the first of its reactions began.</summary>
        public ConcurrentDictionary<string, IReadOnlyList<(string, string, string)>> WrittenFirst { get; } = new(StringComparer.Ordinal);

        public IReadOnlyList<string> Seen(string id) => [.. _seen.Where(s => s.Event == id).Select(s => s.What)];

        public InboundEvent Raid(string id) => new()
        {
            Channel = new ChannelId(Platform.Sandbox, null, "lobby"),
            Type = "raid",
            MessageId = id,
            UserId = "ada",
            UserName = "Ada",
            OccurredAt = Get<TimeProvider>().GetUtcNow(),
        };

        public async Task<IReadOnlyList<(string Command, string Status, string Trigger)>> ExecutionsAsync(string id, CancellationToken ct) =>
            await Get<Database>().Write.ListAsync(
                $"""
                select c.command, x.status, x.trigger from router.command_executions x join router.commands c on c.id = x.command_id
                where x.message_id = {id} order by 1
                """,
                r => (r.GetString(0), r.GetString(1), r.GetString(2)),
                ct);

        private void Add(
            IServiceCollection services, string name, int priority, bool parallel, string to = "raid") => services.AddSingleton(
            new RegisteredReaction("test", "1.0.0", new ReactionSpec(name, [to], priority, parallel), new Reaction(this, name, parallel)));

        private sealed class Reaction(Raids raids, string name, bool parallel) : IReaction
        {
            public async ValueTask<Reply> RunAsync(ReactionCall call, CancellationToken ct)
            {
                raids._seen.Enqueue((call.Event.MessageId!, $"{name} starts"));
                await Task.Yield();
                if (name == "early")
                {
                    raids.WrittenFirst[call.Event.MessageId!] = await raids.ExecutionsAsync(call.Event.MessageId!, ct);
                }

                if (name == "failing")
                {
                    throw new InvalidOperationException("I fail.");
                }

                if (parallel)
                {
                    raids._together.SignalAndWait(TimeSpan.FromSeconds(10), ct).ShouldBeTrue();
                }

                raids._seen.Enqueue((call.Event.MessageId!, $"{name} ends"));
                return Reply.Text(name);
            }
        }

        private sealed class Looks(Raids raids) : ICommand
        {
            public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct)
            {
                raids.WrittenFirst["line-1"] = await raids.ExecutionsAsync("line-1", ct);
                return Reply.Text("looked");
            }
        }
    }
}
