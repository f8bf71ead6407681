using System.Text.Json;
using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Tests;

/// <summary>Each kind of node by itself: its ports, what it sets, and its limits.</summary>
public sealed class NodeTests
{
    private static readonly Value Variables = Value.Parse(JsonElement.Parse(
        """
        {"n": 5, "name": "Ada", "list": [1, 2, 3], "empty": [], "user": {"roles": ["mod"]}, "user_role": "moderator", "text": "{\"a\": [1]}",
         "people": [{"name": "Ada", "points": 10}, {"name": "Bob", "points": 3}]}
        """));

    [Theory]
    [InlineData("""{"condition":[{"variable":"n","operator":"greater_than","value":4}]}""", "true")]
    [InlineData("""{"condition":[{"variable":"n","operator":"greater_than","value":4},{"variable":"name","operator":"equals","value":"Bob"}]}""", "false")]
    [InlineData("""{"condition":[{"variable":"name","value":"{{ 'A' + 'da' }}"}]}""", "true")]
    [InlineData("""{"condition":[{"variable":"{{ n * 2 }}","operator":"less_equal","value":"10"}]}""", "true")]
    [InlineData("""{"condition":[{"variable":"'mod' in user.roles","value":true}]}""", "true")]
    [InlineData("""{"condition":[{"variable":"name","operator":"matches_regex","value":"^A"}]}""", "true")]
    [InlineData("""{"condition":[{"variable":"name","operator":"greater_than","value":1}]}""", "false")]
    public void If_goes_by_whether_all_rules_hold(string config, string port) => Work("condition_if", config).Port.ShouldBe(port);

    [Theory]
    [InlineData("name", "lady")]
    [InlineData("n", "five")]
    [InlineData("list[0]", "other")]
    public void Switch_goes_by_the_value_as_text(string variable, string port) =>
        Work("condition_switch", $$$"""{"variable":"{{{variable}}}","cases":{"Ada":"lady","5":"five"},"default_port":"other"}""").Port.ShouldBe(port);

    [Fact]
    public void Filter_keeps_the_items_for_which_the_rules_hold()
    {
        var result = Work("condition_filter", """{"input_array":"people","condition":[{"variable":"item.points","operator":"greater_equal","value":"{{ n }}"}],"output_variable":"rich"}""");
        result.Port.ShouldBe("out");
        result.Outputs["rich"].ToJson().ShouldBe("""[{"name":"Ada","points":10}]""");
        Work("condition_filter", """{"input_array":"name","condition":[{"variable":"item","value":1}]}""").Error!.Code.ShouldBe("not_a_list");
        Work("condition_filter", """{"input_array":"list","condition":[{"variable":"item.missing.more","value":1}]}""").Outputs["filtered_items"].ToJson().ShouldBe("[]");
    }

    [Theory]
    [InlineData("member", "true")]
    [InlineData("moderator", "true")]
    [InlineData("admin", "false")]
    public void A_role_includes_those_below_it(string role, string port) => Work("condition_user_role", $$"""{"role":"{{role}}"}""").Port.ShouldBe(port);

    [Fact]
    public void Whoever_has_no_role_is_a_member()
    {
        Work("condition_user_role", """{"role":"vip"}""", Value.EmptyObject).Port.ShouldBe("false");
        Work("condition_user_role", """{"role":"member"}""", Value.EmptyObject).Port.ShouldBe("true");
    }

    [Fact]
    public void Transform_works_out_variables_of_which_later_ones_know_the_earlier()
    {
        var result = Work("data_transform", """{"transformations":{"double":"n * 2","line":"name + ' has ' + double"}}""");
        result.Outputs.ToJson().ShouldBe("""{"double":10,"line":"Ada has 10"}""");
        result.Scope.ShouldBe(VariableScope.Workflow);
        Work("data_transform", """{"transformations":{"x":"nobody + 1"}}""").Error!.Code.ShouldBe("unknown_name");
        Work("data_transform", """{"transformations":{"x":"1"},"scope":"local"}""").Scope.ShouldBe(VariableScope.Local);
    }

    [Fact]
    public void Set_fills_templates_in_and_keeps_kinds()
    {
        var result = Work("data_variable_set", """{"variables":{"a":"{{ list }}","b":{"c":["{{ n }}","n is {{ n }}",true,null,1.50]}}}""");
        result.Outputs.ToJson().ShouldBe("""{"a":[1,2,3],"b":{"c":[5,"n is 5",true,null,1.5]}}""");
    }

    [Theory]
    [InlineData("n", "5")]
    [InlineData("people[1].name", "\"Bob\"")]
    [InlineData("nobody", "\"-\"")]
    [InlineData("user.nothing.at.all", "\"-\"")]
    public void Get_reads_a_path_or_takes_the_default(string variable, string value) =>
        Work("data_variable_get", $$$"""{"variable_name":"{{{variable}}}","output_variable":"x","default_value":"-"}""").Outputs["x"].ToJson().ShouldBe(value);

    [Fact]
    public void Parse_json_reads_a_text_or_fails()
    {
        var result = Work("data_parse_json", """{"input":"text"}""");
        (result.Port, result.Outputs["json"].ToJson()).ShouldBe(("success", """{"a":[1]}"""));
        Work("data_parse_json", """{"input":"name"}""").Error!.Code.ShouldBe("invalid_json");
    }

    [Fact]
    public void Foreach_gives_item_after_item_and_refuses_what_is_too_long_or_no_list()
    {
        var config = """{"array_variable":"list","item_variable":"it","index_variable":"i"}""";
        var first = Next("loop_foreach", config, LoopState.Start);
        (first.Port, first.Outputs.ToJson(), first.Data["items"].ToJson()).ShouldBe(("body", """{"it":1,"i":0}""", "[1,2,3]"));
        Next("loop_foreach", config, new LoopState(2, first.Data["items"])).Outputs.ToJson().ShouldBe("""{"it":3,"i":2}""");
        Next("loop_foreach", config, new LoopState(3, first.Data["items"])).Port.ShouldBe("done");
        Next("loop_foreach", """{"array_variable":"empty"}""", LoopState.Start).Port.ShouldBe("done");
        Next("loop_foreach", """{"array_variable":"name"}""", LoopState.Start).Error!.Code.ShouldBe("not_a_list");
        Next("loop_foreach", """{"array_variable":"list","max_iterations":2}""", LoopState.Start).Error!.Code.ShouldBe("too_many_iterations");
    }

    [Fact]
    public void While_goes_on_as_long_as_its_rules_hold_but_not_for_ever()
    {
        var config = """{"condition":[{"variable":"n","operator":"less_than","value":6}],"max_iterations":3}""";
        Next("loop_while", config, LoopState.Start).Port.ShouldBe("body");
        Next("loop_while", config, new LoopState(3, null)).Error!.Code.ShouldBe("too_many_iterations");
        Next("loop_while", """{"condition":[{"variable":"n","operator":"less_than","value":5}]}""", LoopState.Start).Port.ShouldBe("done");
    }

    [Fact]
    public void Repeat_counts_and_refuses_what_is_no_number_of_times()
    {
        Next("loop_repeat", """{"times":"n - 4"}""", LoopState.Start).Port.ShouldBe("body");
        Next("loop_repeat", """{"times":"n - 4"}""", new LoopState(1, 1)).Port.ShouldBe("done");
        Next("loop_repeat", """{"times":"name"}""", LoopState.Start).Error!.Code.ShouldBe("not_a_number");
        Next("loop_repeat", """{"times":"-1"}""", LoopState.Start).Error!.Code.ShouldBe("not_a_number");
        Next("loop_repeat", """{"times":"1000","max_iterations":10}""", LoopState.Start).Error!.Code.ShouldBe("too_many_iterations");
    }

    [Theory]
    [InlineData("{}", "break")]
    [InlineData("""{"break_condition":[{"variable":"n","value":5}]}""", "break")]
    [InlineData("""{"break_condition":[{"variable":"n","value":6}]}""", "continue")]
    public void Break_leaves_by_whether_its_rules_hold(string config, string port) => Work("loop_break", config).Port.ShouldBe(port);

    [Theory]
    [InlineData("""{"delay_ms":1500}""", 1500)]
    [InlineData("""{"delay_variable":"n * 1000"}""", 5000)]
    public void Delay_waits(string config, int milliseconds) => Work("action_delay", config).Wait.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("""{"delay_variable":"-1"}""", "out_of_range")]
    [InlineData("""{"delay_variable":"name"}""", "not_a_number")]
    [InlineData("""{"delay_variable":"99999999999"}""", "out_of_range")]
    public void Delay_refuses_what_is_no_time(string config, string code) => Work("action_delay", config).Error!.Code.ShouldBe(code);

    [Fact]
    public void Parallel_leaves_by_all_its_branches() => Work("flow_parallel", """{"branches":3}""").Branches.ShouldBe(["branch_1", "branch_2", "branch_3"]);

    [Fact]
    public void End_and_stop_say_what_the_run_gives_out()
    {
        Work("flow_end", """{"output_data":{"who":"{{ name }}","n":"{{ n }}"}}""").Final.ToJson().ShouldBe("""{"who":"Ada","n":5}""");
        var stop = Work("flow_stop", """{"status":"failed","reason":"No {{ name }}"}""");
        (stop.Stop, stop.Data["reason"].ToText()).ShouldBe(("failed", "No Ada"));
    }

    [Fact]
    public void A_message_says_its_text_where_it_is_told_and_never_an_empty_one()
    {
        var effects = new StoredEffects();
        Store("action_chat_message", """{"message_template":"Hi {{ name }}","destination":"specified_channel","channel_id":"sandbox:b"}""", effects).Port.ShouldBe("success");
        effects.Sends.ShouldHaveSingleItem().EntityId.ShouldBe("sandbox:b");
        Store("action_chat_message", """{"message_template":"Psst {{ name }}","destination":"user_pm","user_id":"{{ name | lower }}"}""", effects).Port.ShouldBe("success");
        var direct = effects.Sends[1].Action(Entity).ShouldBeOfType<Kernel.Delivery.SendDirectMessage>();
        (direct.Platform, direct.Server, direct.UserId, direct.Response.ChatMessage).ShouldBe((Platform.Sandbox, null, "ada", "Psst Ada"));
        Store("action_chat_message", """{"message_template":"Hi","destination":"user_pm","user_id":"{{ ' ' }}"}""", new StoredEffects()).Error!.Code.ShouldBe("no_user");
        Store("action_chat_message", """{"message_template":"{{ '' }}"}""", new StoredEffects()).Error!.Code.ShouldBe("empty_message");
    }

    [Theory]
    [InlineData("ticker", "ticker")]
    [InlineData("media", "media")]
    [InlineData("general", "general")]
    public void What_is_shown_on_the_overlay_is_of_its_kind(string type, string action)
    {
        var effects = new StoredEffects();
        Store("action_browser_source", $$"""{"source_type":"{{type}}","content_template":"https://example.com/a.mp4","duration":5}""", effects).Port.ShouldBe("success");
        var sent = (Kernel.Delivery.SendMessage)effects.Sends.Single().Action(Entity);
        sent.Response.ResponseAction.ShouldBe(action);
    }

    [Fact]
    public void A_call_is_worked_out_before_it_is_made()
    {
        var call = (HttpCall)Prepare("action_webhook", """{"url":"https://example.com/{{ name }}","headers":{"X-N":"{{ n }}"},"body_template":"{{ people }}"}""")!;
        (call.Url, call.Headers["X-N"], call.Body).ShouldBe(("https://example.com/Ada", "5", """[{"name":"Ada","points":10},{"name":"Bob","points":3}]"""));
        Prepare("action_webhook", """{"url":"https://example.com/{{ nobody }}"}""").ShouldBeNull();
        var module = (ModuleCall)Prepare("action_module", """{"module_name":"quote","arguments":"add","input_mapping":{"text":"'a b'","by":"name"}}""")!;
        (module.Command, module.Arguments).ShouldBe(("quote", "add \"a b\" Ada"));
    }

    private static Entity Entity { get; } = new(1, "sandbox:a", new(Platform.Sandbox, null, "a"), 1, null, true, default);

    private static NodeContext Context(Value? variables = null) => new(
        new RunInfo(Guid.Empty, Guid.Empty, "test", 1, Entity), new Scope(variables ?? Variables), Instant.FromUtc(2026, 11, 20, 12, 0), DateTimeZone.Utc, 1, new Budget(Limits.Default, TimeProvider.System));

    private static Node Bound(string type, string config)
    {
        var findings = new Findings();
        var node = (Node)JsonSerializer.Deserialize(config, NodeTypes.Find(type)!.Json)!;
        node.Bind(new Binder("n", findings, RunSettings.Default));
        findings.All.ShouldBeEmpty();
        return node;
    }

    private static NodeResult Work(string type, string config, Value? variables = null)
    {
        var context = Context(variables);
        var result = ((PureNode)Bound(type, config)).Run(context);
        return context.Error is { } error ? result with { Error = error } : result;
    }

    private static NodeResult Next(string type, string config, LoopState loop) => ((LoopNode)Bound(type, config)).Next(loop, Context());

    private static NodeResult Store(string type, string config, StoredEffects effects) => ((StoredNode)Bound(type, config)).Run(Context(), effects);

    private static Call? Prepare(string type, string config) => ((CallNode)Bound(type, config)).Prepare(Context());
}
