using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Rookery.EndToEnd.Tests.Api;

/// <summary>What callers hear who got something wrong: always a problem, always with a cure.</summary>
[Collection(SharedApi.Name)]
public sealed class ProblemTests(TestHost host)
{
    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "/openapi/v1.json")]
    [InlineData("GET", "/nothing", 404, "/openapi/v1.json")]
    [InlineData("DELETE", "/api/v1/events", 405, "POST")]
    [InlineData("PUT", "/api/v1/communities", 405, "GET, POST")]
    public async Task An_address_that_is_not_there_is_a_problem(string method, string path, int status, string cure)
    {
        using var response = await host.Http.AskAsync(method, path);

        await ShouldSayAsync(response, status, cure);
    }

    [Theory]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/commands")]
    public async Task A_body_that_is_no_json_is_told_what_to_send(string path)
    {
        using var limited = await host.ClientAsync(null, "events:write", "commands:write");
        using var content = new StringContent("a=b", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await limited.PostAsync(path, content, TestContext.Current.CancellationToken);

        await ShouldSayAsync(response, 415, "Send Content-Type: application/json.");
    }

    [Theory]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/commands")]
    public async Task A_body_over_a_mebibyte_is_refused(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new StringContent($"\"{new string('x', 1024 * 1024)}\"", Encoding.UTF8, "application/json");
        request.Headers.ExpectContinue = true;
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await ShouldSayAsync(response, 413, "1 MiB");
    }

    [Theory]
    [InlineData("/api/v1/events", "{\"platform\": 5}", "$.platform")]
    [InlineData("/api/v1/events", "{\"platform\": ", "$.platform")]
    [InlineData("/api/v1/communities", "{\"name\": 5}", "$.name")]
    [InlineData("/api/v1/communities", "{", "$")]
    [InlineData("/api/v1/communities", "{\"nmae\": \"x\"}", "$.nmae")]
    [InlineData("/api/v1/communities", "{\"name\": \"\\ud800\"}", "$.name")]
    public async Task Json_that_does_not_fit_names_the_place(string path, string body, string place)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Http.PostAsync(path, content, TestContext.Current.CancellationToken);

        await ShouldSayAsync(response, 400, place);
    }

    [Theory]
    [InlineData("/api/v1/executions?community_id=x", "community_id")]
    [InlineData("/api/v1/executions?command_id=x", "command_id must be a whole number")]
    [InlineData("/api/v1/executions?command_id=99999999999999999999", "command_id must be a whole number")]
    [InlineData("/api/v1/communities?is_active=x", "is_active must be true or false")]
    [InlineData("/api/v1/executions?status=odd", "status")]
    [InlineData("/api/v1/stats/commands?days=0", "days")]
    [InlineData("/api/v1/entities?platform=irc", "platform")]
    [InlineData("/api/v1/audit?user_id=%00", "U+0000")]
    public async Task A_query_that_does_not_fit_names_the_parameter(string path, string names)
    {
        using var response = await host.Http.AskAsync("GET", path);

        await ShouldSayAsync(response, 400, names);
    }

    [Fact]
    public async Task A_body_that_is_missing_is_told()
    {
        using var response = await host.Http.AskAsync("POST", "/api/v1/communities");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_cursor_leads_through_every_row_once()
    {
        var community = await host.CommunityAsync();
        for (var i = 0; i < 5; i++)
        {
            await host.Http.CallAsync(
                "PUT", $"/api/v1/communities/{community}/members/sandbox/user{i}", new JsonObject { ["role"] = "vip" });
        }

        var seen = new List<string>();
        var next = "";
        do
        {
            var page = await host.Http.CallAsync(
                "GET", $"/api/v1/communities/{community}/members?limit=2&cursor={next}");
            page.Items().Count.ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(page.Items().Select(m => m.Text("user_id")));
            next = page["next_cursor"]?.GetValue<string>();
        }
        while (next is not null);

        seen.ShouldBe(["user0", "user1", "user2", "user3", "user4"]);
    }

    private static async Task ShouldSayAsync(HttpResponseMessage response, int status, string cure)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonNode.Parse(text)!;
        problem["status"]!.GetValue<int>().ShouldBe(status);
        problem.Text("detail").ShouldContain(cure);
    }

    [Fact]
    public async Task A_person_who_mistypes_an_address_gets_a_page_and_a_program_a_problem()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sandbax");
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
        using var page = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);

        ((int)page.StatusCode, page.Content.Headers.ContentType!.MediaType).ShouldBe((404, "text/html"));
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("There is nothing here");
        (await host.Http.CallAsync("GET", "/sandbax", expect: 404)).Text("detail").ShouldContain("/openapi/v1.json");
    }
}
