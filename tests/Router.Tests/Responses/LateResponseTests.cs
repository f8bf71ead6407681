using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Security;

namespace Rookery.Router.Tests.Responses;

public sealed class LateResponseTests(LateResponseTests.Host host) : IClassFixture<LateResponseTests.Host>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_late_chat_answer_reaches_the_channel_of_its_execution_once()
    {
        var call = await PingAsync(channel: "late-chat");
        var answer = Answer(call, """{"response_action":"chat","chat_message":"Done!"}""");

        var (status, receipt) = await PostAsync(answer, idempotencyKey: "job-1");
        var (again, second) = await PostAsync(answer, idempotencyKey: "job-1");

        (status, again).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        receipt.ToJsonString().ShouldBe("""{"success":true,"response_id":"job-1"}""");
        second.ToJsonString().ShouldBe(receipt.ToJsonString());
        await TestHost.EventuallyAsync(() => Task.FromResult(Said("late-chat").Count == 1), "the answer is said");
        var said = Said("late-chat").ShouldHaveSingleItem();
        (said.Action.Response.ChatMessage, said.Action.MentionUserId, said.Action.ReplyTo).ShouldBe(
            ("Done!", "ada", call["message"]!.GetValue<string>()));
        var stored = await ListAsync(call);
        stored.ShouldHaveSingleItem()["response_id"]!.GetValue<string>().ShouldBe("job-1");
        said.Key.ShouldBe($"response:{stored[0]["id"]}");
    }

    [Fact]
    public async Task Answers_for_overlays_wait_in_the_table_and_are_not_said()
    {
        var call = await PingAsync(channel: "late-overlay");

        foreach (var fields in new[]
        {
            """{"response_action":"media","media_type":"video","media_url":"https://example.com/v"}""",
            """{"response_action":"ticker","ticker_text":"News","ticker_duration":3600,"processing_time_ms":12}""",
            """{"response_action":"general","content_type":"html","content":"<b>x</b>"}""",
            """{"response_action":"form","form_title":"Poll","form_fields":[{"name":"a","type":"text"}]}""",
        })
        {
            (await PostAsync(Answer(call, fields))).Status.ShouldBe(HttpStatusCode.OK);
        }

        var stored = await ListAsync(call);
        stored.Select(r => r["response_action"]!.GetValue<string>()).ShouldBe(["media", "ticker", "general", "form"]);
        (stored[1]["ticker_duration"]!.GetValue<int>(), stored[1]["processing_time_ms"]!.GetValue<int>()).ShouldBe((3600, 12));
        stored[2]["response_data"]!["content"]!.GetValue<string>().ShouldBe("<b>x</b>");
        stored.Select(r => r["response_id"]!.GetValue<string>()).Distinct(StringComparer.Ordinal).Count().ShouldBe(4);
        (await OutboxCountAsync("sandbox:late-overlay")).ShouldBe(0);
    }

    [Fact]
    public async Task Every_fault_is_named_and_nothing_is_stored()
    {
        var call = await PingAsync();
        var (status, problem) = await PostAsync(Answer(
            call,
            """{"session_id":"","module_name":null,"success":null,"response_action":"ticker","ticker_duration":3601,"processing_time_ms":-1,"response_id":"a"}"""),
            idempotencyKey: "b");

        status.ShouldBe(HttpStatusCode.BadRequest);
        problem["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()).ShouldBe(
            ["session_id", "module_name", "success", "response_id", "processing_time_ms", "ticker_text", "ticker_duration"], ignoreOrder: true);
        (await ListAsync(call)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"response_action":"dance"}""", "response_action")]
    [InlineData("""{"response_action":null}""", "response_action")]
    [InlineData("""{"response_action":"chat"}""", "chat_message")]
    [InlineData("""{"response_action":"chat","chat_message":""}""", "chat_message")]
    [InlineData("""{"response_action":"chat","chat_message":"a\u0000"}""", "chat_message")]
    [InlineData("""{"response_action":"ticker","ticker_text":"x","ticker_duration":0}""", "ticker_duration")]
    [InlineData("""{"response_action":"media","media_type":"video","media_url":"file:///etc/passwd"}""", "media_url")]
    [InlineData("""{"response_action":"general","content_type":"pdf","content":"x"}""", "content_type")]
    [InlineData("""{"response_action":"form","form_title":"x","form_fields":[]}""", "form_fields")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":{"embeds":[{"title":"t","color":-1}]}}""", "response_data.embeds[0].color")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":{"embeds":[{"fields":[{"name":"n"}]}]}}""", "response_data.embeds[0].fields[0].value")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":{"embeds":[null]}}""", "response_data.embeds[0]")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":{"embeds":"tea"}}""", "response_data")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":{"components":[[{"type":"button","label":"x"}]]}}""", "response_data.components[0][0].custom_id")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":{"components":[[]]}}""", "response_data.components[0]")]
    [InlineData("""{"response_action":"form","form_title":"x","form_fields":[{"name":"a","type":"radio"}]}""", "form_fields[0].options")]
    [InlineData("""{"response_action":"form","form_title":"x","form_fields":[{"name":"a","type":"text"},{"name":"a","type":"text"}]}""", "form_fields")]
    [InlineData("""{"response_action":"form","form_title":"x","form_submit_url":"nowhere","form_fields":[{"name":"a","type":"text"}]}""", "form_submit_url")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":[1]}""", "response_data")]
    [InlineData("""{"execution_id":null,"response_action":"chat","chat_message":"x"}""", "execution_id")]
    [InlineData("""{"execution_id":"not-a-uuid","response_action":"chat","chat_message":"x"}""", "$.execution_id")]
    public async Task A_malformed_answer_is_refused_by_its_field(string fields, string field)
    {
        var (status, problem) = await PostAsync(Answer(await PingAsync(), fields));

        status.ShouldBe(HttpStatusCode.BadRequest);
        problem["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()).ShouldBe([field]);
    }

    [Fact]
    public async Task An_execution_nobody_knows_is_not_found()
    {
        var call = await PingAsync();
        foreach (var id in new[] { Guid.NewGuid(), Guid.CreateVersion7(host.Clock!.GetUtcNow()) })
        {
            var answer = Answer(call, """{"response_action":"chat","chat_message":"x"}""");
            answer["execution_id"] = id;
            (await PostAsync(answer)).Status.ShouldBe(HttpStatusCode.NotFound);
            using var list = await host.Http.GetAsync($"/api/v1/module-responses/{id}", Ct);
            list.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task A_session_of_another_execution_is_forbidden()
    {
        var mine = await PingAsync(channel: "one");
        var other = await PingAsync(channel: "two");
        var answer = Answer(mine, """{"response_action":"chat","chat_message":"x"}""");
        foreach (var session in new[] { other["session_id"]!.GetValue<string>(), "sess_invented" })
        {
            answer["session_id"] = session;
            (await PostAsync(answer)).Status.ShouldBe(HttpStatusCode.Forbidden);
        }

        (await ListAsync(mine)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_session_ends_an_hour_after_its_last_use()
    {
        var call = await PingAsync();
        var answer = Answer(call, """{"response_action":"ticker","ticker_text":"x"}""");
        foreach (var (minutes, expected) in new[] { (59, HttpStatusCode.OK), (59, HttpStatusCode.OK), (61, HttpStatusCode.NotFound) })
        {
            host.Clock!.Advance(TimeSpan.FromMinutes(minutes));
            (await PostAsync(answer)).Status.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task Another_answer_under_a_used_id_is_a_conflict()
    {
        var call = await PingAsync(channel: "conflict");
        var first = Answer(call, """{"response_action":"chat","chat_message":"one","response_id":"r1"}""");
        (await PostAsync(first)).Status.ShouldBe(HttpStatusCode.OK);

        (await PostAsync(Answer(call, """{"response_action":"chat","chat_message":"two","response_id":"r1"}"""))).Status.ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync(Answer(call, """{"response_action":"chat","chat_message":"two"}"""), idempotencyKey: "r1")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync(Answer(call, """{"response_id":"r1","chat_message":"one","response_action":"chat"}"""))).Status.ShouldBe(HttpStatusCode.OK);
        (await PostAsync(Answer(await PingAsync(), """{"response_action":"chat","chat_message":"two","response_id":"r1"}"""))).Status.ShouldBe(HttpStatusCode.OK);
        (await ListAsync(call)).ShouldHaveSingleItem()["chat_message"]!.GetValue<string>().ShouldBe("one");
    }

    [Fact]
    public async Task Many_repeats_at_once_are_one_answer()
    {
        var call = await PingAsync(channel: "many");
        var answer = Answer(call, """{"response_action":"chat","chat_message":"once","response_id":"same"}""");

        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => PostAsync(answer)));

        all.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
        (await ListAsync(call)).Count.ShouldBe(1);
        (await OutboxCountAsync("sandbox:many")).ShouldBe(1);
    }

    [Fact]
    public async Task A_key_of_another_community_sees_nothing()
    {
        var call = await PingAsync(channel: "private");
        var community = await host.Get<Database>().Write.ValueAsync<long>(
            $"select community_id from kernel.entities where entity_id = 'sandbox:private'", Ct);
        var answer = Answer(call, """{"response_action":"ticker","ticker_text":"x"}""");
        foreach (var (bound, expected) in new[] { (community, HttpStatusCode.OK), (1L, HttpStatusCode.NotFound) })
        {
            using var client = await ClientAsync(bound, Scopes.ResponsesWrite, Scopes.ExecutionsRead);
            (await PostAsync(answer, client: client)).Status.ShouldBe(expected);
            using var list = await client.GetAsync($"/api/v1/module-responses/{call["execution_id"]}", Ct);
            list.StatusCode.ShouldBe(expected);
        }

        (await ListAsync(call)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Each_route_needs_its_scope()
    {
        var call = await PingAsync();
        using var writer = await ClientAsync(null, Scopes.ResponsesWrite);
        using var reader = await ClientAsync(null, Scopes.ExecutionsRead);

        (await PostAsync(Answer(call, """{"response_action":"ticker","ticker_text":"x"}"""), client: reader)).Status.ShouldBe(HttpStatusCode.Forbidden);
        using var list = await writer.GetAsync($"/api/v1/module-responses/{call["execution_id"]}", Ct);
        list.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Answers_are_listed_page_by_page()
    {
        var call = await PingAsync();
        for (var i = 0; i < 5; i++)
        {
            await PostAsync(Answer(call, $$"""{"response_action":"ticker","ticker_text":"{{i}}"}"""));
        }

        var texts = new List<string>();
        var cursor = (string?)"";
        while (cursor is not null)
        {
            var page =
                JsonNode.Parse(await host.Http.GetStringAsync($"/api/v1/module-responses/{call["execution_id"]}?limit=2&cursor={cursor}", Ct))!;
            texts.AddRange(page["items"]!.AsArray().Select(r => r!["ticker_text"]!.GetValue<string>()));
            cursor = page["next_cursor"]?.GetValue<string>();
        }

        texts.ShouldBe(["0", "1", "2", "3", "4"]);
    }

    [Fact]
    public async Task Ids_are_forgotten_with_the_answers_they_belong_to()
    {
        var call = await PingAsync();
        await PostAsync(Answer(call, """{"response_action":"ticker","ticker_text":"x","response_id":"old"}"""));
        var db = host.Get<Database>();
        await db.Write.ExecuteAsync(
            $"update router.response_keys set created_at = created_at - interval '91 days' where execution_id = {call["execution_id"]!.GetValue<Guid>()}", Ct);

        var swept = await host.Services.GetServices<IRetention>()
            .Single(r => r.Name == "router.response_keys")
            .SweepAsync(Ct);

        swept.ShouldBe(1);
    }

    /// <summary>A call of the built-in ping, as a module would know it.</summary>
    private async Task<JsonObject> PingAsync(string channel = "lobby")
    {
        var message = $"m-{Guid.NewGuid():N}";
        var answer = await host.SayAsync("!ping", channel: channel, messageId: message);
        answer["message"] = message;
        return answer;
    }

    private static JsonObject Answer(JsonObject call, string fields)
    {
        var answer = new JsonObject
        {
            ["execution_id"] = call["execution_id"]!.DeepClone(),
            ["session_id"] = call["session_id"]!.DeepClone(),
            ["module_name"] = "weather",
            ["success"] = true,
        };
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
        {
            answer[name] = value?.DeepClone();
        }

        return answer;
    }

    private async Task<(HttpStatusCode Status, JsonObject Body)> PostAsync(
        JsonObject answer, string? idempotencyKey = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/module-responses")
        {
            Content = new StringContent(answer.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var response = await (client ?? host.Http).SendAsync(request, Ct);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!.AsObject());
    }

    private async Task<List<JsonObject>> ListAsync(JsonObject call) =>
        [.. JsonNode.Parse(await host.Http.GetStringAsync($"/api/v1/module-responses/{call["execution_id"]}", Ct))!["items"]!.AsArray().Select(r => r!.AsObject())];

    private async Task<HttpClient> ClientAsync(long? community, params string[] scopes) =>
        host.Client((await host.Get<ApiKeys>().CreateAsync("a module", scopes, community, 0, null, "test", Ct)).Secret);

    private Task<long> OutboxCountAsync(string entity) =>
        host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from kernel.outbox where entity_id = {entity}", Ct);

    private List<(string Key, SendMessage Action)> Said(string channel) =>
        [.. host.Sender.Sent.Where(s => s.Action.Channel.Channel == channel)];

    public sealed class Host : TestHost
    {
        public Host()
        {
            Clock = new ManualClock();
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Outbox:Poll"] = "00:00:00.1" };
            Configure = services => services.RemoveAll<ISender>().AddSingleton<ISender>(Sender);
        }

        public RecordingSender Sender { get; } = new();
    }

    public sealed class RecordingSender : ISender
    {
        public ConcurrentQueue<(string Key, SendMessage Action)> Sent { get; } = new();

        public string Name => "sandbox";

        public ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
        {
            Sent.Enqueue((key.Key, (SendMessage)action));
            return new(new Sent(null));
        }
    }
}
