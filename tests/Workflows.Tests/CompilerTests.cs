using System.Text.Json;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Tests;

/// <summary>A bad definition is refused, and the refusal names the node.</summary>
public sealed class CompilerTests
{
    [Theory]
    [InlineData("trigger_command", "{}", "command_pattern", "bad_command")]
    [InlineData("trigger_command", """{"command_pattern":"!hello"}""", "command_pattern", "bad_command")]
    [InlineData("trigger_command", """{"command_pattern":"two words"}""", "command_pattern", "bad_command")]
    [InlineData("trigger_command", """{"command_pattern":"hi","cooldown_seconds":-1}""", "cooldown_seconds", "out_of_range")]
    [InlineData("trigger_command", """{"command_pattern":"hi","platforms":["irc"]}""", "platforms[0]", "unknown_platform")]
    [InlineData("trigger_event", "{}", "event_type", "unknown_event")]
    [InlineData("trigger_event", """{"event_type":"raid","event_filters":["event.viewers >"]}""", "event_filters[0]", "bad_expression")]
    [InlineData("trigger_webhook", """{"respond":"never"}""", "respond", "unknown_value")]
    public void A_wrong_trigger_is_named(string type, string config, string field, string code) =>
        Findings(new GraphText().Node("t", type, config)).ShouldContain(f => f.Node == "t" && f.Field == field && f.Code == code && f.Severity == Severity.Error);

    [Theory]
    [InlineData("condition_if", "{}", "condition", "required")]
    [InlineData("condition_if", """{"condition":[{"operator":"equals","value":1}]}""", "condition[0].variable", "required")]
    [InlineData("condition_if", """{"condition":[{"variable":"a","operator":"like"}]}""", "condition[0].operator", "unknown_value")]
    [InlineData("condition_switch", """{"variable":"a"}""", "cases", "required")]
    [InlineData("condition_filter", """{"condition":[{"variable":"a"}]}""", "input_array", "required")]
    [InlineData("condition_filter", """{"input_array":"a","condition":[{"variable":"a"}],"output_variable":"2x"}""", "output_variable", "bad_name")]
    [InlineData("condition_user_role", """{"role":"king"}""", "role", "unknown_value")]
    [InlineData("action_module", "{}", "module_name", "required")]
    [InlineData("action_module", """{"module_name":"a","timeout_seconds":0}""", "timeout_seconds", "out_of_range")]
    [InlineData("action_webhook", "{}", "url", "required")]
    [InlineData("action_webhook", """{"url":"ftp://example.com"}""", "url", "bad_url")]
    [InlineData("action_webhook", """{"url":"https://example.com","method":"TRACE"}""", "method", "unknown_value")]
    [InlineData("action_webhook", """{"url":"https://example.com","retry_count":-1}""", "retry_count", "out_of_range")]
    [InlineData("action_webhook", """{"url":"https://example.com","secret":"a secret of some length"}""", "secret", "literal_secret")]
    [InlineData("action_webhook", """{"url":"https://example.com","secret_name":"a secret"}""", "secret_name", "bad_name")]
    [InlineData("action_chat_message", """{"message_template":"Hi","destination":"user_pm"}""", "user_id", "required")]
    [InlineData("action_chat_message", "{}", "message_template", "required")]
    [InlineData("action_chat_message", """{"message_template":"{{ 1 + }}"}""", "message_template", "bad_expression")]
    [InlineData("action_chat_message", """{"message_template":"hi","destination":"specified_channel"}""", "channel_id", "required")]
    [InlineData("action_browser_source", """{"source_type":"film","content_template":"a"}""", "source_type", "unknown_value")]
    [InlineData("action_browser_source", """{"content_template":"a","duration":0}""", "duration", "out_of_range")]
    [InlineData("action_delay", """{"delay_ms":-5}""", "delay_ms", "out_of_range")]
    [InlineData("data_transform", "{}", "transformations", "required")]
    [InlineData("data_variable_set", "{}", "variables", "required")]
    [InlineData("data_variable_set", """{"variables":{"true":1}}""", "variables.true", "bad_name")]
    [InlineData("data_variable_set", """{"variables":{"a":1},"scope":"galaxy"}""", "scope", "unknown_value")]
    [InlineData("data_variable_get", """{"output_variable":"a"}""", "variable_name", "required")]
    [InlineData("data_parse_json", "{}", "input", "required")]
    [InlineData("loop_foreach", """{"array_variable":"a","max_iterations":0}""", "max_iterations", "out_of_range")]
    [InlineData("loop_foreach", """{"array_variable":"a","max_iterations":10001}""", "max_iterations", "out_of_range")]
    [InlineData("loop_while", "{}", "condition", "required")]
    [InlineData("loop_repeat", "{}", "times", "required")]
    [InlineData("loop_break", "{}", null, "no_loop")]
    [InlineData("flow_merge", """{"input_ports_required":0}""", "input_ports_required", "out_of_range")]
    [InlineData("flow_merge", """{"input_ports_required":-2}""", "input_ports_required", "out_of_range")]
    [InlineData("flow_parallel", """{"execution_type":"some"}""", "execution_type", "unknown_value")]
    [InlineData("flow_parallel", """{"branches":11}""", "branches", "out_of_range")]
    [InlineData("flow_end", """{"final_output_port":""}""", "final_output_port", "bad_port")]
    [InlineData("flow_stop", """{"status":"maybe"}""", "status", "unknown_value")]
    [InlineData("data_python", "{}", "type", "unknown_type")]
    public void A_wrong_node_is_named_with_its_field(string type, string config, string? field, string code) =>
        Findings(new GraphText().Node("t", "trigger_webhook").Node("n", type, config).Link("t>n"))
            .ShouldContain(f => f.Node == "n" && f.Field == field && f.Code == code && f.Severity == Severity.Error && f.Message.Length > 10);

    [Fact]
    public void An_unknown_field_is_no_silent_mistake() =>
        Findings(new GraphText().Node("t", "trigger_webhook").Node("n", "action_delay", """{"delay":5}""")).ShouldContain(f => f.Node == "n" && f.Code == "bad_config");

    [Fact]
    public void An_expression_error_has_its_line_and_column()
    {
        var finding = Findings(new GraphText().Node("t", "trigger_webhook").Node("n", "action_chat_message", """{"message_template":"Hello\n{{ a b }}"}"""))
            .First(f => f.Code == "bad_expression");
        (finding.Line, finding.Column).ShouldBe((2, 6));
    }

    [Theory]
    [InlineData("a.out>b", "unknown_node")]
    [InlineData("t.sideways>n", "unknown_port")]
    [InlineData("n.out>t", "unknown_port")]
    public void A_connection_must_lead_from_a_port_to_a_node(string link, string code) =>
        Findings(new GraphText().Node("t", "trigger_webhook").Node("n", "action_delay").Link(link)).ShouldContain(f => f.Code == code && f.Severity == Severity.Error);

    [Fact]
    public void A_circle_is_refused() =>
        Findings(new GraphText().Node("t", "trigger_webhook").Node("a", "action_delay").Node("b", "action_delay").Link("t>a", "a>b", "b>a"))
            .ShouldContain(f => f.Code == "circle");

    [Fact]
    public void What_follows_a_loop_is_not_in_its_body() =>
        Findings(new GraphText().Node("t", "trigger_webhook").Node("l", "loop_repeat", """{"times":"2"}""").Node("a", "action_delay").Node("b", "action_delay")
                .Link("t>l", "l.body>a", "a>b", "l.done>b"))
            .ShouldContain(f => f.Code == "body_is_shared" && f.Node == "b");

    [Fact]
    public void There_is_exactly_one_trigger()
    {
        Findings(new GraphText().Node("n", "action_delay")).ShouldContain(f => f.Code == "one_trigger");
        Findings(new GraphText().Node("a", "trigger_webhook").Node("b", "trigger_schedule")).ShouldContain(f => f.Code == "one_trigger" && f.Node == "b");
        Findings(new GraphText().Node("a", "trigger_webhook").Node("b", "trigger_schedule", enabled: false)).ShouldNotContain(f => f.Code == "one_trigger");
    }

    [Fact]
    public void A_hundred_nodes_are_allowed_and_one_more_is_not()
    {
        Compiler.Compile(Line(100).Document()).Graph.ShouldNotBeNull();
        Findings(Line(101)).ShouldContain(f => f.Code == "node_count");
    }

    [Fact]
    public void What_is_odd_is_told_and_published_all_the_same()
    {
        var (graph, findings) = Compiler.Compile(new GraphText().Node("t", "trigger_webhook").Node("zero", "action_delay").Node("lost", "flow_end").Link("t>zero").Document());
        graph.ShouldNotBeNull();
        findings.Select(f => f.Code).ShouldBe(["zero_delay", "unreachable", "no_end"], ignoreOrder: true);
    }

    [Fact]
    public void Settings_are_checked_like_nodes()
    {
        var findings = Findings(new GraphText().Node("t", "trigger_webhook").Settings("""{"max_parallel_executions":0,"queue_policy":"drop","timezone":"Mars"}"""));
        findings.Select(f => f.Field).ShouldBe(["max_parallel_executions", "queue_policy", "timezone"], ignoreOrder: true);
    }

    [Fact]
    public void Every_kind_of_node_the_seed_names_is_there() => NodeTypes.All.Select(t => t.Name).ShouldBe(
        [
            "trigger_command", "trigger_event", "trigger_webhook", "trigger_schedule", "condition_if", "condition_switch", "condition_filter", "action_module",
            "action_webhook", "action_chat_message", "action_browser_source", "action_delay", "data_transform", "data_variable_set", "data_variable_get", "loop_foreach",
            "loop_while", "loop_break", "flow_merge", "flow_parallel", "flow_end", "condition_user_role", "data_parse_json", "loop_repeat", "flow_stop",
        ],
        ignoreOrder: true);

    [Theory]
    [InlineData("""{"nodes":{"t":null}}""")]
    [InlineData("""{"nodes":{"t":{"type":"trigger_webhook"}},"connections":[null]}""")]
    [InlineData("""{"nodes":{"":{"type":"flow_end","label":"","position":{},"config":[]}}}""")]
    [InlineData("{}")]
    public void Whatever_is_missing_is_told_and_nothing_is_thrown(string json) =>
        Compiler.Compile(JsonSerializer.Deserialize(json, WorkflowsJson.Default.WorkflowDocument)!).Findings.ShouldNotBeEmpty();

    private static GraphText Line(int nodes)
    {
        var text = new GraphText().Node("n0", "trigger_webhook");
        for (var i = 1; i < nodes; i++)
        {
            text.Node($"n{i}", "flow_end").Link($"n0>n{i}");
        }

        return text;
    }

    private static IReadOnlyList<Finding> Findings(GraphText text) => Compiler.Compile(text.Document()).Findings;
}
