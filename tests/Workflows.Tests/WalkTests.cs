using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Tests;

public sealed class WalkTests
{
    private static GraphText Text => new GraphText().Node("start", "trigger_webhook");

    [Fact]
    public void A_line_of_nodes_is_walked_to_its_end()
    {
        var graph = Text.Node("a", "data_transform", """{"transformations":{"x":"1"}}""").Node("end", "flow_end").Link("start>a", "a>end").Compile();
        Go(graph).ShouldBe("start a end | success");
    }

    [Fact]
    public void Only_the_chosen_port_is_followed()
    {
        var graph = Text.Node("if", "condition_if", """{"condition":[{"variable":"true","operator":"equals","value":true}]}""")
            .Node("yes", "flow_end").Node("no", "flow_end").Link("start>if", "if.true>yes", "if.false>no").Compile();
        Go(graph).ShouldBe("start if yes | success");
        Go(graph, t => t.Node.Key == "if" ? NodeResult.Leave("false") : null).ShouldBe("start if no | success");
    }

    [Fact]
    public void A_merge_waits_for_all_branches_that_can_still_come()
    {
        var graph = Text.Node("fork", "flow_parallel", """{"branches":3}""").Node("a", "action_delay").Node("b", "action_delay")
            .Node("c", "condition_if", """{"condition":[{"variable":"1","operator":"equals","value":1}]}""").Node("merge", "flow_merge").Node("end", "flow_end")
            .Link("start>fork", "fork.branch_1>a", "fork.branch_2>b", "fork.branch_3>c", "a>merge", "b>merge", "c.true>merge", "merge>end").Compile();
        Go(graph).ShouldBe("start fork a b c merge end | success");
        // One branch ends elsewhere: it does not block the merge.
        Go(graph, t => t.Node.Key == "c" ? NodeResult.Leave("false") : null).ShouldBe("start fork a b c merge end | success");
    }

    [Fact]
    public void A_merge_of_n_goes_on_with_the_first_n_and_takes_the_rest_in()
    {
        var graph = Text.Node("fork", "flow_parallel", """{"branches":3}""").Node("a", "action_delay").Node("b", "action_delay").Node("c", "action_delay")
            .Node("merge", "flow_merge", """{"input_ports_required":2}""").Node("end", "flow_end")
            .Link("start>fork", "fork.branch_1>a", "fork.branch_2>b", "fork.branch_3>c", "a>merge", "b>merge", "c>merge", "merge>end").Compile();
        Go(graph).ShouldBe("start fork a b c merge end | success");
    }

    [Fact]
    public void The_first_branch_of_a_race_cancels_the_others()
    {
        var graph = Text.Node("fork", "flow_parallel", """{"execution_type":"any_first"}""").Node("a", "action_delay").Node("b", "action_delay").Node("b2", "action_delay")
            .Node("merge", "flow_merge").Node("end", "flow_end")
            .Link("start>fork", "fork.branch_1>a", "fork.branch_2>b", "a>merge", "b>b2", "b2>merge", "merge>end").Compile();
        var walk = new Walk(graph, Value.EmptyObject);
        Take(walk, "start").With(NodeResult.Leave("out"));
        Take(walk, "fork").With(new NodeResult { Branches = ["branch_1", "branch_2"] });
        var (a, b) = (Take(walk, "a"), Take(walk, "b"));
        b.With(NodeResult.Leave("out"));
        var b2 = Take(walk, "b2");
        a.With(NodeResult.Leave("out"));
        walk.TakeSkipped().Select(t => t.Node.Key).ShouldBe(["b2"]);
        Take(walk, "merge").With(NodeResult.Leave("out"));
        b2.With(NodeResult.Leave("out"));
        Take(walk, "end").With(new NodeResult());
        walk.End.ShouldBe(new RunEnd("success"));
    }

    [Fact]
    public void A_loop_runs_its_body_once_for_each_item_and_then_what_follows()
    {
        var graph = Text.Node("each", "loop_foreach", """{"array_variable":"[1,2,3]"}""").Node("a", "action_delay").Node("b", "action_delay").Node("end", "flow_end")
            .Link("start>each", "each.body>a", "a>b", "each.done>end").Compile();
        Go(graph).ShouldBe("start each a b each a b each a b each end | success");
    }

    [Fact]
    public void A_loop_in_a_loop_begins_anew_each_round()
    {
        var graph = Text.Node("outer", "loop_foreach", """{"array_variable":"[1,2]"}""").Node("inner", "loop_repeat", """{"times":"2"}""").Node("a", "action_delay")
            .Link("start>outer", "outer.body>inner", "inner.body>a").Compile();
        Go(graph).ShouldBe("start outer inner a inner a inner outer inner a inner a inner outer | success");
    }

    [Fact]
    public void Break_ends_the_loop_with_this_round()
    {
        var graph = Text.Node("each", "loop_foreach", """{"array_variable":"[1,2,3]"}""")
            .Node("break", "loop_break", """{"break_condition":[{"variable":"item","operator":"equals","value":2}]}""").Node("a", "action_delay").Node("end", "flow_end")
            .Link("start>each", "each.body>break", "break.continue>a", "each.done>end").Compile();
        Go(graph).ShouldBe("start each break a each break end | success");
    }

    [Fact]
    public void A_merge_in_a_loop_waits_in_each_round()
    {
        var graph = Text.Node("each", "loop_repeat", """{"times":"2"}""").Node("fork", "flow_parallel").Node("a", "action_delay").Node("b", "action_delay").Node("merge", "flow_merge").Node("c", "action_delay").Node("end", "flow_end")
            .Link("start>each", "each.body>fork", "fork.branch_1>a", "fork.branch_2>b", "a>merge", "b>merge", "merge>c", "each.done>end").Compile();
        Go(graph).ShouldBe("start each fork a b merge c each fork a b merge c each end | success");
    }

    [Fact]
    public void A_failure_takes_the_port_error_or_ends_the_run()
    {
        var graph = Text.Node("call", "action_webhook", """{"url":"https://example.com"}""").Node("ok", "flow_end").Node("bad", "flow_end")
            .Link("start>call", "call.success>ok", "call.error>bad").Compile();
        Go(graph, t => t.Node.Key == "call" ? NodeResult.Fail("http_500", "no") : null).ShouldBe("start call bad | success");
        var bare = Text.Node("call", "action_webhook", """{"url":"https://example.com"}""").Node("ok", "flow_end").Link("start>call", "call.success>ok").Compile();
        Go(bare, t => t.Node.Key == "call" ? NodeResult.Fail("http_500", "no") : null).ShouldBe("start call | failed no");
    }

    [Fact]
    public void A_node_that_is_off_ends_its_path()
    {
        var graph = Text.Node("a", "action_delay", enabled: false).Node("b", "action_delay").Node("end", "flow_end").Link("start>a", "a>end", "start>b").Compile();
        Go(graph).ShouldBe("start b | success");
    }

    [Fact]
    public void Too_many_turns_fail_the_run()
    {
        var graph = Text.Node("each", "loop_repeat", """{"times":"500","max_iterations":1000}""").Node("a", "action_delay").Link("start>each", "each.body>a").Compile();
        Go(graph, maxTurns: 100).ShouldEndWith("| failed The run took more than 100 turns of nodes; a loop may go on for ever.");
    }

    private static string Go(Graph graph, Func<Turn, NodeResult?>? special = null, int maxTurns = 1000)
    {
        var walk = new Walk(graph, Value.EmptyObject, maxTurns);
        var taken = new List<string>();
        while (walk.Take() is { } turn)
        {
            taken.Add(turn.Node.Key);
            walk.Complete(turn, special?.Invoke(turn) ?? Work(turn));
        }

        return $"{string.Join(' ', taken)} | {walk.End?.Status}{(walk.End?.Error is { } error ? $" {error}" : "")}";
    }

    private static NodeResult Work(Turn turn)
    {
        var entity = new Kernel.Communities.Entity(1, "sandbox:a", new(Kernel.Chat.Platform.Sandbox, null, "a"), 1, null, true, default);
        var context = new NodeContext(
            new RunInfo(Guid.Empty, Guid.Empty, "test", 1, entity), turn.Frame, NodaTime.Instant.FromUnixTimeSeconds(0), NodaTime.DateTimeZone.Utc, 1, new Budget(Limits.Default, TimeProvider.System));
        return turn.Node.Node is PureNode or LoopNode ? Steps.Work(turn, context) : NodeResult.Leave(Ports.Success);
    }

    private static Taken Take(Walk walk, string key)
    {
        var turn = walk.Take();
        turn.ShouldNotBeNull().Node.Key.ShouldBe(key);
        return new Taken(walk, turn);
    }

    private sealed record Taken(Walk Walk, Turn Turn)
    {
        public void With(NodeResult result) => Walk.Complete(Turn, result);
    }
}
