using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Settings;

namespace Rookery.EndToEnd.Tests.Api;

/// <summary>A host with a setting that takes any text.</summary>
public sealed class NoteHost : TestHost
{
    public NoteHost() =>
        Configure = services => services.AddSingleton<Setting>(new TextSetting("test", "note", "", "Any text.", []));
}

/// <summary>
/// The big list of naughty strings through every text input: no 5xx, and what is taken comes back unchanged.
/// </summary>
public sealed class NaughtyStringTests(NoteHost host) : IClassFixture<NoteHost>
{
    [Fact]
    public Task In_a_message() => ForEachAsync(async (text, i) =>
    {
        var answer = await AskAsync("POST", "/api/v1/events", Event($"n{i % 16}", text: $"!ping {text}"));
        if (answer is not null && answer["execution_id"] is not null)
        {
            (await GetAsync($"/api/v1/executions/{answer.Text("execution_id")}"))
                .Text("message_content")
                .ShouldBe($"!ping {text}");
        }
    });

    [Fact]
    public Task As_a_user() => ForEachAsync(async (text, i) =>
    {
        if (await AskAsync("POST", "/api/v1/events", Event($"n{i % 16}", user: text)) is { } answer)
        {
            var row = await GetAsync($"/api/v1/executions/{answer.Text("execution_id")}");
            row.Text("user_id").ShouldBe(text);
            row.Text("user_name").ShouldBe(text);
            (await GetAsync($"/api/v1/executions?user_id={Uri.EscapeDataString(text)}"))
                .Items()
                .ShouldAllBe(r => r.Text("user_id") == text);
        }
    });

    [Fact]
    public Task As_a_channel() => ForEachAsync(async (text, _) =>
    {
        var body =
            new JsonObject { ["platform"] = "discord", ["server_id"] = text, ["channel_id"] = text, ["community_id"] = 1, ["config"] = new JsonObject { [text] = text } };
        if (await AskAsync("POST", "/api/v1/entities", body) is { } made)
        {
            var read = await GetAsync($"/api/v1/entities/{Uri.EscapeDataString(made.Text("entity_id"))}");
            read.Text("channel_id").ShouldBe(text);
            read.Text("server_id").ShouldBe(text);
            read["config"]!.Text(text).ShouldBe(text);
        }
    });

    [Fact]
    public Task As_a_community() => ForEachAsync(async (text, _) =>
    {
        if (await AskAsync("POST", "/api/v1/communities", new JsonObject { ["name"] = text, ["description"] = text }) is { } made)
        {
            var read = await GetAsync($"/api/v1/communities/{made.Number("id")}");
            read.Text("name").ShouldBe(text);
            read.Text("description").ShouldBe(text);
        }
    });

    [Fact]
    public Task As_a_setting() => ForEachAsync(async (text, _) =>
    {
        if (await AskAsync("PUT", "/api/v1/settings/test/note?community_id=1", new JsonObject { ["value"] = text }) is { } set)
        {
            set.Text("value").ShouldBe(text);
        }
    }, atOnce: 1);

    [Fact]
    public Task As_a_member() => ForEachAsync(async (text, _) =>
    {
        var path = $"/api/v1/communities/1/members/sandbox/{Uri.EscapeDataString(text)}";
        if (text.Length > 0
            && await AskAsync("PUT", path, new JsonObject { ["role"] = "vip", ["user_name"] = text }) is { } granted)
        {
            granted.Text("user_name").ShouldBe(text);
            (await GetAsync(path)).Text("user_id").ShouldBe(RouteSafe(text));
        }
    });

    [Fact]
    public async Task As_a_commands_text()
    {
        var path = $"/api/v1/commands/{(await AskAsync("POST", "/api/v1/commands", Command("naughty")))!.Number("id")}";
        await ForEachAsync(
            async (text, _) =>
            {
                if (await AskAsync("PATCH", path, new JsonObject { ["description"] = text, ["secret"] = text }) is { } changed)
                {
                    changed.Text("description").ShouldBe(text);
                }
            },
            atOnce: 1);
    }

    [Fact]
    public Task As_a_commands_name() => ForEachAsync(async (text, _) =>
    {
        var body = Command(text);
        body["aliases"] = new JsonArray(text);
        body["headers"] = new JsonObject { ["X-Text"] = text };
        body["location_url"] = text;
        await AskAsync("POST", "/api/v1/commands", body);
        if (await AskAsync("POST", "/api/v1/commands", Command(text)) is { } made)
        {
            made.Text("command").ShouldBe(text);
        }
    });

    [Fact]
    public Task As_a_key() => ForEachAsync(async (text, _) =>
    {
        if (await AskAsync("POST", "/api/v1/keys", new JsonObject { ["name"] = text, ["scopes"] = new JsonArray("sandbox") }) is { } made)
        {
            made["key"]!.Text("name").ShouldBe(text);
        }
    });

    [Fact]
    public Task As_a_filter() => ForEachAsync(async (text, _) =>
    {
        var escaped = Uri.EscapeDataString(text);
        await AskAsync("GET", $"/api/v1/audit?action={escaped}&user_id={escaped}&cursor={escaped}", null);
        await AskAsync("GET", $"/api/v1/executions?entity_id={escaped}&status={escaped}&limit={escaped}", null);
    });

    /// <summary>What HTTP makes of a path: a literal %2F cannot be told from a slash.</summary>
    private static string RouteSafe(string text) => text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static async Task ForEachAsync(Func<string, int, Task> check, int atOnce = 16)
    {
        var file = Path.Combine(TestPostgres.RepositoryRoot(), "..", "shared", "data", "blns.json");
        Assert.SkipUnless(File.Exists(file), $"{file} is missing.");
        var texts =
            JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        texts.Length.ShouldBe(515);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, texts.Length),
            new ParallelOptions { MaxDegreeOfParallelism = atOnce },
            async (i, _) => await check(texts[i], i));
    }

    /// <returns>The answer when the text was taken, null when it was refused; anything else fails.</returns>
    private async Task<JsonObject?> AskAsync(string method, string path, JsonNode? body)
    {
        using var response = await host.Http.AskAsync(method, path, body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBeLessThan(500, $"{method} {path} {body?.ToJsonString()}: {text}");
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject() : null;
    }

    private Task<JsonObject> GetAsync(string path) => host.Http.CallAsync("GET", path);

    private static JsonObject Command(string name) =>
        new() { ["command"] = name, ["prefix"] = "#", ["location_url"] = "https://example.org" };

    private static JsonObject Event(string channel, string user = "ada", string text = "!ping") => new()
    {
        ["platform"] = "sandbox",
        ["channel_id"] = channel,
        ["message_type"] = "chatMessage",
        ["user_id"] = user,
        ["user_name"] = user,
        ["message_content"] = text,
    };
}
