using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rookery.Memories.Tests;

public sealed class MemoryApiTests(MemoriesHost host) : IClassFixture<MemoriesHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_memory_lives_from_post_to_delete()
    {
        var path = await host.PathAsync("life");
        var added = await host.AddAsync(path, Note("Recipe", "Mix and bake", "cake", " sweet "));
        added["tags"]!.AsArray().Select(t => t!.GetValue<string>()).ShouldBe(["cake", "sweet"]);
        added["created_by_name"]!.GetValue<string>().ShouldBe("Ada");
        var id = added["id"]!.GetValue<long>();

        var read = await host.JsonAsync($"{path}/{id}");
        read["usage_count"]!.GetValue<long>().ShouldBe(1);
        read["last_used"]!.GetValue<DateTimeOffset>().ShouldBe(host.Clock!.GetUtcNow());

        var edited = await MemoriesHost.ReadAsync(
            await host.Http.PatchAsJsonAsync($"{path}/{id}", new { title = "Cake", context = "Sunday", tags = Array.Empty<string>() }, Ct), HttpStatusCode.OK);
        (edited["title"]!.GetValue<string>(), edited["content"]!.GetValue<string>(), edited["context"]!.GetValue<string>()).ShouldBe(("Cake", "Mix and bake", "Sunday"));
        edited["tags"]!.AsArray().ShouldBeEmpty();

        (await host.Http.DeleteAsync($"{path}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.Http.GetAsync($"{path}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await host.Http.DeleteAsync($"{path}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var actions = (await host.Get<Kernel.Auditing.AuditLog>().ListAsync(
            await host.CommunityAsync("life"), "memory.", null, new Kernel.Web.PageQuery(10, null), Ct)).Select(a => $"{a.Action} by {a.UserId}");
        actions.ShouldBe(["memory.deleted by key:test admin", "memory.edited by key:test admin"]);
    }

    [Fact]
    public async Task A_quote_title_follows_its_author_until_it_has_one_of_its_own()
    {
        var path = await host.PathAsync("titles");
        var added = await host.AddAsync(
            path,
            new JsonObject { ["memory_type"] = "quote", ["content"] = "Hm", ["platform"] = "sandbox", ["user_id"] = "ada" });
        added["title"]!.GetValue<string>().ShouldBe("Quote by Unknown");

        (await EditAsync(added, new { author = "Ada" }))["title"]!.GetValue<string>().ShouldBe("Quote by Ada");
        (await EditAsync(added, new { title = "Wise" }))["title"]!.GetValue<string>().ShouldBe("Wise");
        (await EditAsync(added, new { author = "Bob" }))["title"]!.GetValue<string>().ShouldBe("Wise");

        async Task<JsonObject> EditAsync(JsonObject memory, object change) =>
            await MemoriesHost.ReadAsync(
                await host.Http.PatchAsJsonAsync($"{path}/{memory["id"]}", change, Ct), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Pages_hold_every_memory_once_newest_first()
    {
        var path = await host.PathAsync("pages");
        for (var i = 0; i < 7; i++)
        {
            await host.AddAsync(
                path, Note($"note {i}", i % 2 == 0 ? "even tide" : "odd tide", i == 3 ? "special" : "plain"));
        }

        (await TitlesAsync(path, "?limit=3")).ShouldBe(
            ["note 6", "note 5", "note 4", "note 3", "note 2", "note 1", "note 0"]);
        (await TitlesAsync(path, "?limit=3&q=tide"))
            .Order(StringComparer.Ordinal)
            .ShouldBe(Enumerable.Range(0, 7).Select(i => $"note {i}"));
        (await TitlesAsync(path, "?q=even&limit=2")).Count.ShouldBe(4);
        (await TitlesAsync(path, "?tag=special")).ShouldBe(["note 3"]);
        (await TitlesAsync(path, "?type=quote")).ShouldBeEmpty();
        (await TitlesAsync(path, "?q=tide&tag=special")).ShouldBe(["note 3"]);
        (await host.Http.GetAsync($"{path}?type=poem", Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_search_ranks_title_before_author_and_tags_before_text_before_address()
    {
        var path = await host.PathAsync("ranks");
        await host.AddAsync(path, Link("Map", "https://example.org/heron/feeding"));
        await host.AddAsync(path, Note("Walk", "We saw a heron by the water"));
        await host.AddAsync(path, Note("Birds", "A list", "heron"));
        await host.AddAsync(path, Note("Heron", "Stands still"));

        (await TitlesAsync(path, "?q=heron")).ShouldBe(["Heron", "Birds", "Walk", "Map"]);
        (await TitlesAsync(path, "?q=HERON%20water")).ShouldBe(["Walk"]);
        (await TitlesAsync(path, "?q=%22by%20the%20water%22")).ShouldBe(["Walk"]);
        (await TitlesAsync(path, "?q=eron")).ShouldBe(["Heron", "Birds", "Walk", "Map"]);
    }

    [Fact]
    public async Task A_random_memory_is_one_of_its_type_and_counts()
    {
        var path = await host.PathAsync("random");
        (await host.Http.GetAsync($"{path}/random", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await host.AddAsync(path, Note("A note", "text"));
        var drawn = await host.JsonAsync($"{path}/random?type=note");
        (drawn["title"]!.GetValue<string>(), drawn["usage_count"]!.GetValue<long>()).ShouldBe(("A note", 1));
        (await host.Http.GetAsync($"{path}/random?type=poem", Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Reactions_toggled_at_the_same_time_count_one_by_one()
    {
        var path = await host.PathAsync("toggle");
        var id = (await host.AddAsync(path, Note("Liked", "text")))["id"]!.GetValue<long>();

        var answers = await Task.WhenAll(Enumerable.Range(0, 31).Select(_ => ReactAsync("ada", "like")));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ReactAsync($"user-{i}", "love")));

        answers.Count(a => a["is_on"]!.GetValue<bool>()).ShouldBe(16);
        var counts = (await host.JsonAsync($"{path}/{id}/reactions"))["reactions"]!;
        counts.ToJsonString().ShouldBe("""{"love":20,"like":1}""");

        async Task<JsonObject> ReactAsync(string user, string type) => await MemoriesHost.ReadAsync(
            await host.Http.PostAsJsonAsync($"{path}/{id}/reactions", new { platform = "sandbox", user_id = user, reaction_type = type }, Ct), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Categories_are_made_changed_used_and_deleted()
    {
        var path = await host.PathAsync("categories");
        var made = await MemoriesHost.ReadAsync(await PostCategoryAsync("Recipes"), HttpStatusCode.Created);
        (made["color"]!.GetValue<string>(), made["icon"]!.GetValue<string>()).ShouldBe(("#3b82f6", "📝"));
        var id = made["id"]!.GetValue<long>();
        (await PostCategoryAsync("RECIPES")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var other = (await MemoriesHost.ReadAsync(await PostCategoryAsync("Other"), HttpStatusCode.Created))["id"];
        (await host.Http.PatchAsJsonAsync($"{path}/categories/{other}", new { name = "recipes" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await MemoriesHost.ReadAsync(await host.Http.PatchAsJsonAsync($"{path}/categories/{id}", new { color = "#AABBCC" }, Ct), HttpStatusCode.OK))
            ["color"]!.GetValue<string>().ShouldBe("#aabbcc");

        var note = Note("Cake", "Bake");
        note["category_id"] = id;
        var memory = (await host.AddAsync(path, note))["id"]!.GetValue<long>();
        (await TitlesAsync(path, "?category=recipes")).ShouldBe(["Cake"]);
        (await host.JsonAsync($"{path}/categories"))["items"]!.AsArray()
            .Select(c => c!["memories"]!.GetValue<long>())
            .ShouldBe([1, 0]);

        (await host.Http.DeleteAsync($"{path}/categories/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.JsonAsync($"{path}/{memory}")).ContainsKey("category_id").ShouldBeFalse();

        async Task<HttpResponseMessage> PostCategoryAsync(string name) =>
            await host.Http.PostAsJsonAsync(
                $"{path}/categories", new { name, platform = "sandbox", user_id = "ada" }, Ct);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once_and_nothing_is_stored()
    {
        var path = await host.PathAsync("wrong");
        var answer = await MemoriesHost.ReadAsync(
            await host.Http.PostAsJsonAsync(
                path,
                new { memory_type = "url", url = "javascript:alert(1)", platform = "icq", tags = new[] { new string('x', 101) } },
                Ct),
            HttpStatusCode.BadRequest);

        answer["errors"]!.AsArray()
            .Select(e => e!["field"]!.GetValue<string>())
            .ShouldBe(["title", "url", "tags", "platform", "user_id"]);
        string[] bodies =
        [
            "", "null", "[]", "{\"memory_type\":5}", "{\"memory_type\":\"note\",\"titel\":\"x\"}", "{\"tags\":[null]}",
            "{\"memory_type\":\"note\",\"title\":\"\\ud800\",\"content\":\"c\",\"platform\":\"sandbox\",\"user_id\":\"a\"}",
            "{\"memory_type\":\"note\",\"title\":\"\\u0000\",\"content\":\"c\",\"platform\":\"sandbox\",\"user_id\":\"a\"}",
        ];
        foreach (var body in bodies)
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            (await host.Http.PostAsync(path, content, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, body);
        }

        (await TitlesAsync(path, "")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_api_document_describes_every_route()
    {
        var paths = (await host.JsonAsync("/openapi/v1.json"))["paths"]!.AsObject()
            .Where(p => p.Key.StartsWith("/api/v1/communities/{community_id}/memories", StringComparison.Ordinal))
            .SelectMany(
                p => p.Value!.AsObject(),
                (p, o) => $"{o.Key} {p.Key["/api/v1/communities/{community_id}/memories".Length..]}");

        paths.Order(StringComparer.Ordinal).ShouldBe(
        [
            "delete /categories/{id}", "delete /reminders/{id}", "delete /{id}", "get ", "get /categories", "get /random", "get /reminders",
            "get /stats", "get /{id}", "get /{id}/reactions", "patch /categories/{id}", "patch /{id}", "post ", "post /categories", "post /reminders",
            "post /{id}/reactions",
        ]);
    }

    [Fact]
    public async Task Statistics_count_what_is_there()
    {
        var path = await host.PathAsync("stats");
        await host.QuoteAsync("One", "stats", "Ada");
        await host.QuoteAsync("Two", "stats", "Ada");
        await host.AddAsync(path, Note("N", "C"));
        await host.AskAsync("!memories quotes", channel: "stats");
        await host.AskAsync("!remind tea in 1 hour", channel: "stats");

        var stats = await host.JsonAsync($"{path}/stats");
        string[] names =
            [
                "total",
                "quotes",
                "urls",
                "notes",
                "authors",
                "usage_count",
                "categories",
                "reactions",
                "active_reminders"
            ];
        names.Select(n => stats[n]!.GetValue<long>()).ShouldBe([3, 2, 0, 1, 1, 1, 0, 0, 1]);
    }

    /// <summary>The titles of all pages.</summary>
    private async Task<IReadOnlyList<string>> TitlesAsync(string path, string query)
    {
        var titles = new List<string>();
        var cursor = "";
        do
        {
            var page = await host.JsonAsync($"{path}{query}{(query.Length == 0 ? "?" : "&")}cursor={cursor}");
            titles.AddRange(page["items"]!.AsArray().Select(m => m!["title"]!.GetValue<string>()));
            cursor = page["next_cursor"]?.GetValue<string>();
        }
        while (cursor is not null);

        return titles;
    }

    private static JsonObject Note(string title, string content, params string[] tags) => new()
    {
        ["memory_type"] = "note",
        ["title"] = title,
        ["content"] = content,
        ["tags"] = new JsonArray([.. tags.Select(t => JsonValue.Create(t))]),
        ["platform"] = "sandbox",
        ["user_id"] = "ada",
        ["user_name"] = "Ada",
    };

    private static JsonObject Link(string title, string url) => new()
    {
        ["memory_type"] = "url",
        ["title"] = title,
        ["url"] = url,
        ["platform"] = "sandbox",
        ["user_id"] = "ada",
    };
}
