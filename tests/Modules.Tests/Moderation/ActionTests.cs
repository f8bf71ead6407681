using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Settings;

namespace Rookery.Moderation.Tests;

/// <summary>What rules do when they match.</summary>
public sealed class ActionTests(ActionTests.HostWithHook host) : IClassFixture<ActionTests.HostWithHook>
{
    private readonly Channel _channel = new(host);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_warning_is_said_after_what_the_message_asked_for()
    {
        await _channel.RuleAsync("rude");

        var answer = await _channel.SayAsync("!ping rude");

        answer["outcome"]!.GetValue<string>().ShouldBe("replied");
        TestHost.Lines(answer).ShouldBe(["Pong!", "Please mind the rules of this channel."]);
    }

    [Fact]
    public async Task A_known_command_does_not_escape_moderation()
    {
        await _channel.RuleAsync("slur", new() { ["action"] = "block", ["block_message"] = "Not here." });

        var answer = await _channel.SayAsync("!ping slur");

        answer["outcome"]!.GetValue<string>().ShouldBe("blocked");
        TestHost.Lines(answer).ShouldBe(["Not here."]);
        answer["execution_id"].ShouldBeNull();
        (await ExecutionsAsync()).ShouldBe(0);
        host.Seen.Count(e => e == _channel.EntityId).ShouldBe(0);
    }

    [Theory]
    [InlineData(null, "Your message was removed: it breaks a rule of this channel.")]
    [InlineData("", null)]
    public async Task A_block_has_a_standard_text_and_may_be_silent(string? message, string? said)
    {
        await _channel.RuleAsync("slur", new() { ["action"] = "block", ["block_message"] = message });

        var answer = await _channel.SayAsync("slur");

        answer["outcome"]!.GetValue<string>().ShouldBe("blocked");
        TestHost.Lines(answer).ShouldBe(said is null ? [] : [said]);
    }

    [Fact]
    public async Task A_repeated_message_is_counted_once()
    {
        var rule = await _channel.RuleAsync("slur", new() { ["action"] = "block" });

        await _channel.SayAsync("slur", messageId: "m1");
        (await _channel.SayAsync("slur", messageId: "m1"))["outcome"]!.GetValue<string>().ShouldBe("duplicate");

        (await host.RuleAsync(rule))["match_count"]!.GetValue<long>().ShouldBe(1);
    }

    [Theory]
    [InlineData("!ping")]
    [InlineData("ping")]
    [InlineData(" !PING ")]
    public async Task A_rule_may_run_a_command_with_an_exclamation_mark(string command)
    {
        await _channel.RuleAsync("are you there", new() { ["action"] = "command", ["command_to_execute"] = command });

        TestHost.Lines(await _channel.SayAsync("hello, are you there?")).ShouldBe(["Pong!"]);
        (await TriggersAsync()).ShouldBe(["rule"]);
    }

    [Fact]
    public async Task A_command_gets_its_parameters_word_by_word()
    {
        await _channel.RuleAsync("ask", new()
        {
            ["action"] = "command",
            ["command_to_execute"] = "!help",
            ["command_parameters"] = new JsonArray("two words", "say \"hi\" \\ “there”", 7, true, ""),
        });

        await _channel.SayAsync("ask");

        var parameters = await host.Get<Database>().Read.ValueAsync<string>(
            $"select x.parameters::text from router.command_executions x join kernel.entities e on e.id = x.entity_id where e.entity_id = {_channel.EntityId}", Ct);
        JsonSerializer.Deserialize<string[]>(parameters).ShouldBe(
            ["two words", "say \"hi\" \\ “there”", "7", "true", ""]);
    }

    [Fact]
    public async Task A_rule_for_everything_runs_its_command_once_and_never_for_itself()
    {
        await _channel.RuleAsync("*", new() { ["action"] = "command", ["command_to_execute"] = "!ping" });
        await _channel.RuleAsync("*", new() { ["action"] = "command", ["command_to_execute"] = "!unknown" });

        TestHost.Lines(await _channel.SayAsync("hello")).ShouldBe(["Pong!"]);
        TestHost.Lines(await _channel.SayAsync("!ping")).ShouldBe(["Pong!", "Pong!"]);
        (await TriggersAsync()).ShouldBe(["command", "rule", "rule"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_rule_for_everything_with_an_unknown_command_ends()
    {
        await _channel.RuleAsync("*", new() { ["action"] = "command", ["command_to_execute"] = "#unknown" });

        (await _channel.OutcomeAsync("hello")).ShouldBe("ignored");
    }

    [Fact]
    public async Task A_webhook_is_put_into_the_outbox_with_what_matched()
    {
        var rule = await _channel.RuleAsync(
            "alarm", new() { ["action"] = "webhook", ["webhook_url"] = "https://alarm.example/hook?a=1" });

        await _channel.SayAsync("sound the ALARM");

        var action = JsonNode.Parse(await host.Get<Database>().Read.ValueAsync<string>(
            $"select action::text from kernel.outbox where sender = 'webhook' and entity_id = {_channel.EntityId}", Ct))!;
        action["url"]!.GetValue<string>().ShouldBe("https://alarm.example/hook?a=1");
        var body = JsonNode.Parse(action["body"]!.GetValue<string>())!;
        body["rule_id"]!.GetValue<long>().ShouldBe(rule);
        body["pattern"]!.GetValue<string>().ShouldBe("alarm");
        body["match_type"]!.GetValue<string>().ShouldBe("contains");
        body["message_content"]!.GetValue<string>().ShouldBe("sound the ALARM");
    }

    [Theory]
    [InlineData("sound the alarm", 0)]
    [InlineData("!ping alarm", 1)]
    public async Task What_a_rule_does_is_written_with_the_claim_of_the_message_or_neither_is(string text, int executions)
    {
        var rule = await _channel.RuleAsync("alarm", new() { ["action"] = "webhook", ["webhook_url"] = "https://refused.example/" });
        var message = $"m-{_channel.Name}";
        var db = host.Get<Database>().Write;
        await db.ExecuteAsync(
            $"alter table kernel.outbox add constraint refuses check (action ->> 'url' <> 'https://refused.example/') not valid", Ct);
        (await FailAsync()).ShouldBe(HttpStatusCode.InternalServerError);
        await db.ExecuteAsync($"alter table kernel.outbox drop constraint refuses", Ct);

        (await _channel.SayAsync(text, messageId: message))["outcome"]!.GetValue<string>().ShouldNotBe("duplicate");
        (await _channel.SayAsync(text, messageId: message))["outcome"]!.GetValue<string>().ShouldBe("duplicate");

        (await db.ValueAsync<long>($"select count(*) from kernel.outbox where entity_id = {_channel.EntityId}", Ct)).ShouldBe(1);
        (await host.RuleAsync(rule))["match_count"]!.GetValue<long>().ShouldBe(1);
        (await ExecutionsAsync()).ShouldBe(executions);

        async Task<HttpStatusCode> FailAsync()
        {
            using var answer = await host.PostEventAsync(text, channel: _channel.Name, messageId: message);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_match_does_not_swallow_what_else_listens()
    {
        await _channel.RuleAsync("rude");
        var before = host.Seen.Count(e => e == _channel.EntityId);

        await _channel.SayAsync("rude");

        host.Seen.Count(e => e == _channel.EntityId).ShouldBe(before + 1);
    }

    [Fact]
    public async Task Moderators_are_exempt_as_the_community_sets_it()
    {
        await _channel.RuleAsync("slur", new() { ["action"] = "block" });
        (await OutcomesAsync()).ShouldBe(["blocked", "blocked", "ignored", "ignored"]);

        await SetExemptAsync("nobody");
        (await OutcomesAsync()).ShouldBe(["blocked", "blocked", "blocked", "blocked"]);

        await SetExemptAsync("vip");
        (await OutcomesAsync()).ShouldBe(["blocked", "ignored", "ignored", "ignored"]);

        async Task<IReadOnlyList<string>> OutcomesAsync() =>
        [
            await _channel.OutcomeAsync("slur"), await _channel.OutcomeAsync("slur", "vip"),
            await _channel.OutcomeAsync("slur", "moderator"), await _channel.OutcomeAsync("slur", "owner"),
        ];
    }

    private async Task SetExemptAsync(string role)
    {
        var settings = host.Get<SettingsStore>();
        var community = await host.Get<Database>().Read.ValueAsync<long>(
            $"select community_id from kernel.entities where entity_id = {_channel.EntityId}", Ct);
        (await settings.SetAsync(settings.Find("moderation", "exempt_role")!, community, JsonElement.Parse($"\"{role}\""), "test", Ct)).ShouldBeNull();
    }

    private Task<long> ExecutionsAsync() => host.Get<Database>().Read.ValueAsync<long>(
        $"select count(*) from router.command_executions x join kernel.entities e on e.id = x.entity_id where e.entity_id = {_channel.EntityId}", Ct);

    private Task<IReadOnlyList<string>> TriggersAsync() => host.Get<Database>().Read.ListAsync(
        $"select x.trigger from router.command_executions x join kernel.entities e on e.id = x.entity_id where e.entity_id = {_channel.EntityId}", r => r.GetString(0), Ct);

    /// <summary>A server in which something else listens, too.</summary>
    public sealed class HostWithHook : TestHost
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _seen = new();

        public HostWithHook() => Configure = services => services.AddSingleton<IActivityHook>(new Hook(_seen));

        public IEnumerable<string> Seen => _seen;

        private sealed class Hook(System.Collections.Concurrent.ConcurrentQueue<string> seen) : IActivityHook
        {
            public ValueTask RecordAsync(InboundEvent e, Entity entity, Member member, CancellationToken ct)
            {
                if (e.Text is not "")
                {
                    seen.Enqueue(entity.EntityId);
                }

                return default;
            }
        }
    }
}
