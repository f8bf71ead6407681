using System.Text.Json.Nodes;

namespace Rookery.Router.Tests.Remote;

public sealed class RemoteAnswerTests(RemoteHost host) : IClassFixture<RemoteHost>, IAsyncLifetime
{
    private LoopbackServer _module = null!;
    private string _name = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _module = await LoopbackServer.StartAsync();
        _name = (await host.AddCommandAsync(_module.Address.ToString())).Name;
    }

    public ValueTask DisposeAsync() => _module.DisposeAsync();

    [Theory]
    [InlineData("""{"response_action":"chat","chat_message":"a"}""", "a")]
    [InlineData("""{"chat_message":"a"}""", "a")]
    [InlineData("""{"response":"a"}""", "a")]
    [InlineData("""{"message":"a"}""", "a")]
    [InlineData("""{"success":true,"text":"a"}""", "a")]
    [InlineData("\"a\"", "a")]
    [InlineData("""{"responses":[{"response_action":"chat","chat_message":"a"},{"response_action":"chat","chat_message":"b"}]}""", "a|b")]
    [InlineData("""{"responses":[]}""", "")]
    [InlineData("{}", "")]
    [InlineData("null", "")]
    [InlineData("", "")]
    [InlineData("""{"success":true}""", "")]
    public async Task A_json_answer_becomes_what_it_says(string json, string lines)
    {
        _module.Json(json);

        var answer = await host.SayAsync($"!{_name}");

        string.Join('|', TestHost.Lines(answer)).ShouldBe(lines);
        answer["status"]!.GetValue<string>().ShouldBe("success");
    }

    [Fact]
    public async Task A_text_becomes_a_chat_message_of_at_most_two_thousand_characters()
    {
        _module.Text("  It is sunny. ");
        TestHost.Lines(await host.SayAsync($"!{_name}")).ShouldBe(["It is sunny."]);

        _module.Text("""{"chat_message":"json all the same"}""");
        TestHost.Lines(await host.SayAsync($"!{_name}")).ShouldBe(["json all the same"]);

        _module.Text("{curly but no json");
        TestHost.Lines(await host.SayAsync($"!{_name}")).ShouldBe(["{curly but no json"]);

        _module.Text(new string('x', 1999) + "\U0001F600 and more \0");
        TestHost.Lines(await host.SayAsync($"!{_name}")).ShouldBe([new string('x', 1999)]);

        _module.Text("a\0b");
        TestHost.Lines(await host.SayAsync($"!{_name}")).ShouldBe(["a\uFFFDb"]);
    }

    [Fact]
    public async Task Answers_for_overlays_are_stored_with_all_their_fields()
    {
        _module.Json(
            """
            {"responses":[
              {"response_action":"media","media_type":"music","media_url":"https://example.com/a.mp3","response_data":{"title":"T"}},
              {"response_action":"ticker","ticker_text":"News"},
              {"response_action":"general","content_type":"alert","content":"Look","duration":5,"style":{"color":"red"}},
              {"response_action":"form","form_title":"Poll","form_fields":[{"name":"q","type":"select","options":["a","b"],"required":true}],
               "form_submit_url":"https://example.com/submit"}]}
            """);

        var answer = await host.SayAsync($"!{_name}");

        answer["responses"]!.AsArray()
            .Select(r => r!["response_action"]!.GetValue<string>())
            .ShouldBe(["media", "ticker", "general", "form"]);
        var stored = await GetAsync(answer);
        stored.Count.ShouldBe(4);
        (
            stored[0]["media_type"]!.GetValue<string>(),
            stored[0]["media_url"]!.GetValue<string>(),
            stored[0]["response_data"]!["title"]!.GetValue<string>())
            .ShouldBe(("music", "https://example.com/a.mp3", "T"));
        (stored[1]["ticker_text"]!.GetValue<string>(), stored[1]["ticker_duration"]!.GetValue<int>()).ShouldBe(("News", 10));
        stored[2]["response_data"]!.AsObject()
            .Select(p => p.Key)
            .ShouldBe(["content_type", "content", "duration", "style"], ignoreOrder: true);
        stored[3]["response_data"]!["form_submit_method"]!.GetValue<string>().ShouldBe("POST");
        stored[3]["response_data"]!["form_fields"]![0]!["options"]!.ToJsonString().ShouldBe("""["a","b"]""");
        stored.ShouldAllBe(r => r["module_name"]!.GetValue<string>() == "weather" && r["success"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_module_may_say_no()
    {
        _module.Json("""{"success":false,"error_message":"No such city."}""");

        var answer = await host.SayAsync($"!{_name}");

        (answer["outcome"]!.GetValue<string>(), answer["status"]!.GetValue<string>()).ShouldBe(("refused", "success"));
        TestHost.Lines(answer).ShouldBe(["No such city."]);
    }

    [Theory]
    [InlineData("""{"response_action":"dance","chat_message":"x"}""", "response_action")]
    [InlineData("""{"response_action":"chat"}""", "chat_message")]
    [InlineData("""{"response_action":"ticker","ticker_text":"x","ticker_duration":0}""", "ticker_duration")]
    [InlineData("""{"response_action":"ticker","ticker_text":"x","ticker_duration":"long"}""", "ticker_duration")]
    [InlineData("""{"response_action":"media","media_type":"smell","media_url":"https://example.com/"}""", "media_type")]
    [InlineData("""{"response_action":"media","media_type":"image","media_url":"javascript:alert(1)"}""", "media_url")]
    [InlineData("""{"response_action":"general","content_type":"html"}""", "content")]
    [InlineData("""{"response_action":"form","form_title":"x","form_fields":[{"name":"a","type":"colour"}]}""", "form_fields[0].type")]
    [InlineData("""{"response_action":"form","form_title":"x","form_fields":[null]}""", "form_fields[0]")]
    [InlineData("""{"responses":[{"chat_message":"x"}]}""", "response_action")]
    [InlineData("""{"responses":[null]}""", "response_action")]
    [InlineData("""{"response":{"text":"x"}}""", "response")]
    [InlineData("""{"chat_message":"a\u0000b"}""", "chat_message")]
    [InlineData("""{"chat_message":"a\ud800b"}""", "")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":{"a":"\u0000"}}""", "response_data")]
    [InlineData("""{"response_action":"chat","chat_message":"x","response_data":{"a":1e999999}}""", "response_data")]
    [InlineData("""[1,2]""", "object")]
    [InlineData("""{"chat_message":""", "JSON")]
    public async Task A_malformed_answer_fails_with_what_is_wrong(string json, string field)
    {
        _module.Json(json);

        var answer = await host.SayAsync($"!{_name}");

        answer["outcome"]!.GetValue<string>().ShouldBe("failed");
        var row = await host.RowAsync(answer);
        (row["status"]!.GetValue<string>(), row["response_status"]!.GetValue<int>()).ShouldBe(("failed", 502));
        row["error_message"]!.GetValue<string>().ShouldContain("The module's answer");
        row["error_message"]!.GetValue<string>().ShouldContain(field);
        TestHost.Lines(answer).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(302, 502)]
    [InlineData(400, 400)]
    [InlineData(401, 401)]
    [InlineData(403, 403)]
    [InlineData(404, 404)]
    [InlineData(418, 418)]
    [InlineData(500, 500)]
    [InlineData(503, 503)]
    public async Task A_refusal_by_the_module_is_recorded_with_its_status_and_its_body_stays_inside(
        int status, int recorded)
    {
        _module.Answer = http =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "/elsewhere";
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                http.Response, "SqlException at 10.0.0.5: password=hunter2");
        };

        var answer = await host.SayAsync($"!{_name}");

        var row = await host.RowAsync(answer);
        (row["status"]!.GetValue<string>(), row["response_status"]!.GetValue<int>()).ShouldBe(("failed", recorded));
        answer["responses"]!.AsArray().ShouldHaveSingleItem()!["success"]!.GetValue<bool>().ShouldBeFalse();
        TestHost.Lines(answer)[0].ShouldStartWith($"!{_name}");
        answer.ToJsonString().ShouldNotContain("hunter2");
        row.ToJsonString().ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task An_answer_over_one_mebibyte_is_given_up()
    {
        _module.Json($$"""{"chat_message":"{{new string('x', 1024 * 1024)}}"}""");

        var row = await host.RowAsync(await host.SayAsync($"!{_name}"));

        row["response_status"]!.GetValue<int>().ShouldBe(502);
        row["error_message"]!.GetValue<string>().ShouldContain("1048576 bytes");
    }

    private async Task<List<JsonObject>> GetAsync(JsonObject answer)
    {
        using var response = await host.Http.GetAsync($"/api/v1/module-responses/{answer["execution_id"]}", Ct);
        return [.. JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!["items"]!.AsArray().Select(r => r!.AsObject())];
    }
}
