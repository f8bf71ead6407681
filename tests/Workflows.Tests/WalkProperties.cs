using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Tests;

/// <summary>Random graphs are walked with random results in random order.</summary>
public sealed class WalkProperties
{
    private const int MaxTurns = 3000;

    [Fact]
    public void Every_run_ends_and_takes_each_node_once_for_each_path_that_comes_to_it() => Prop
        .ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            if (Generate(random) is { } graph)
            {
                new Journey(graph, random).Go();
            }
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void The_same_results_in_the_same_order_lead_the_same_way_from_any_point_on() => Prop
        .ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            if (Generate(random) is not { } graph)
            {
                return;
            }

            var journey = new Journey(graph, random);
            journey.Go();
            var cut = random.Next(journey.Log.Count + 1);
            var again = new Walk(graph, Value.EmptyObject, MaxTurns);
            foreach (var (sequence, result) in journey.Log)
            {
                if (cut-- <= 0)
                {
                    Drain(again);
                }

                // A resumed run knows its turns by their sequence alone.
                if (result is null)
                {
                    again.Expire(again.Forks.Single(f => f.Sequence == sequence));
                }
                else
                {
                    again.Complete(again.UnderWay[sequence], result);
                }

                again.UnderWay.GetValueOrDefault(sequence).ShouldBeNull();
            }

            again.End.ShouldBe(journey.Walk.End);
            again.UnderWay.Count.ShouldBe(journey.Walk.UnderWay.Count);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void A_definition_that_is_refused_says_why_and_one_that_is_not_has_no_circle() => Prop
        .ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var (graph, findings) = Compiler.Compile(Text(new Random(seed), backward: true).Document());
            (graph is null).ShouldBe(findings.Any(f => f.Severity == Severity.Error));
            graph?.Nodes.ShouldAllBe(n => !n.CanReach(n));
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static void Drain(Walk walk)
    {
        while (walk.Take() is not null)
        {
        }
    }

    private static Graph? Generate(Random random) => Compiler.Compile(Text(random, backward: false).Document()).Graph;

    private static GraphText Text(Random random, bool backward)
    {
        var text = new GraphText().Node("n0", "trigger_webhook");
        var ports = new List<string[]> { (string[])["out"] };
        var count = random.Next(2, 16);
        for (var i = 1; i < count; i++)
        {
            ports.Add(Add(text, $"n{i}", random));
        }

        var links = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            foreach (var port in ports[i])
            {
                for (var k = random.Next(0, 3); k > 0 && i + 1 < count; k--)
                {
                    var to = backward && random.Next(4) == 0 ? random.Next(1, count) : random.Next(i + 1, count);
                    if (links.Add($"n{i}.{port}>n{to}"))
                    {
                        text.Link($"n{i}.{port}>n{to}");
                    }
                }
            }
        }

        return text;
    }

    private static string[] Add(GraphText text, string key, Random random)
    {
        var enabled = random.Next(12) > 0;
        switch (random.Next(8))
        {
            case 0:
                var branches = random.Next(2, 4);
                var race = random.Next(3) == 0 ? "any_first" : "all";
                text.Node(key, "flow_parallel", $$"""{"branches":{{branches}},"execution_type":"{{race}}"}""", enabled);
                return [.. Enumerable.Range(1, branches).Select(b => $"branch_{b}")];
            case 1 or 2:
                var required = random.Next(2) == 0 ? -1 : random.Next(1, 4);
                text.Node(key, "flow_merge", $$"""{"input_ports_required":{{required}}}""", enabled);
                return ["out"];
            case 3:
                text.Node(key, "condition_if", """{"condition":[{"variable":"1","operator":"equals","value":1}]}""", enabled);
                return ["true", "false"];
            case 4:
                text.Node(key, "loop_repeat", """{"times":"2"}""", enabled);
                return ["body", "done"];
            case 5:
                text.Node(key, "action_webhook", """{"url":"https://example.com"}""", enabled);
                return ["success", "error"];
            case 6:
                text.Node(key, "flow_end", "{}", enabled);
                return [];
            default:
                text.Node(key, "action_delay", """{"delay_ms":1}""", enabled);
                return ["out"];
        }
    }

    /// <summary>One walk, watched.</summary>
    private sealed class Journey(Graph graph, Random random)
    {
        private readonly List<Turn> _held = [];
        private readonly Dictionary<GraphNode, int> _expected = [];
        private readonly Dictionary<GraphNode, int> _taken = [];
        private readonly bool _races = graph.Nodes.Any(n => n.Node is ParallelNode { ExecutionType: "any_first" });

        public Walk Walk { get; } = new(graph, Value.EmptyObject, MaxTurns);

        /// <summary>Results of turns; null: the time of that fork's branches was over.</summary>
        public List<(int Sequence, NodeResult? Result)> Log { get; } = [];

        public void Go()
        {
            _expected[graph.Trigger] = 1;
            while (Walk.End is null)
            {
                while (Walk.Take() is { } turn)
                {
                    Look(turn);
                    _held.Add(turn);
                }

                _held.RemoveAll(t => !Walk.UnderWay.ContainsKey(t.Sequence));
                if (Walk.End is null)
                {
                    _held.ShouldNotBeEmpty("the run has not ended and nothing of it is under way");
                    if (Walk.Forks.Count > 0 && random.Next(6) == 0)
                    {
                        Expire(Walk.Forks[random.Next(Walk.Forks.Count)]);
                    }
                    else
                    {
                        Finish(_held[random.Next(_held.Count)]);
                    }
                }
            }

            if (Walk.End.Status == "success" && !_races && Log.TrueForAll(l => l.Result is not null))
            {
                foreach (var node in graph.Nodes.Where(n => n is { IsEnabled: true, Node: not MergeNode }))
                {
                    _taken.GetValueOrDefault(node).ShouldBe(_expected.GetValueOrDefault(node), node.Key);
                }
            }
        }

        private void Look(Turn turn)
        {
            _taken[turn.Node] = _taken.GetValueOrDefault(turn.Node) + 1;
            turn.Node.IsEnabled.ShouldBeTrue();
            if (turn.Node.Node is MergeNode { InputPortsRequired: -1 } && turn.Frame.Scope.Loop is null)
            {
                // Nothing that is under way outside of loops could still have come.
                Walk.UnderWay.Values.Where(t => t.Frame.Scope == turn.Frame.Scope && t != turn).ShouldAllBe(t => !t.Node.CanReach(turn.Node));
            }
        }

        private void Expire(Fork fork)
        {
            Log.Add((fork.Sequence, null));
            Walk.Expire(fork);
            Walk.Forks.ShouldNotContain(fork);
        }

        private void Finish(Turn turn)
        {
            _held.Remove(turn);
            var result = Result(turn);
            var ports = result.Branches ?? (result.Port is { } port ? [port] : []);
            foreach (var next in ports.SelectMany(turn.Node.Behind))
            {
                _expected[next] = _expected.GetValueOrDefault(next) + 1;
            }

            if (turn.Loop is not null && result.Port == Ports.Body)
            {
                // After the round the loop has its turn again.
                _expected[turn.Node]++;
            }

            Log.Add((turn.Sequence, result));
            Walk.Complete(turn, result);
        }

        private NodeResult Result(Turn turn) => turn.Node.Node switch
        {
            ParallelNode node => new NodeResult { Branches = node.Ports },
            LoopNode => NodeResult.Leave(turn.Loop!.State.Index < 2 ? Ports.Body : Ports.Done),
            CallNode when random.Next(5) == 0 && turn.Node.Behind(Ports.Error).Count > 0 => NodeResult.Fail("http_500", "no") with { Port = Ports.Error },
            EndNode => new NodeResult(),
            var node => NodeResult.Leave(node.Ports[random.Next(node is CallNode ? 1 : node.Ports.Count)]),
        };
    }
}
