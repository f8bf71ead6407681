using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Security;
using Rookery.Kernel.Settings;

namespace Rookery.Memories.Tests;

public sealed class RightsTests(MemoriesHost host) : IClassFixture<MemoriesHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("member", false)]
    [InlineData("vip", false)]
    [InlineData("subscriber", false)]
    [InlineData("moderator", true)]
    [InlineData("admin", true)]
    [InlineData("owner", true)]
    public async Task Adding_editing_and_deleting_needs_a_moderator(string role, bool may)
    {
        var channel = $"rights-{role}";
        var id = await host.QuoteAsync("Mine", channel);
        string[] answers =
        [
            await host.AskAsync("!memories add quote \"Other\"", channel: channel, role: role),
            await host.AskAsync($"!memories edit {id} content \"Theirs\"", channel: channel, role: role),
            await host.AskAsync($"!memories delete {id}", channel: channel, role: role),
        ];

        answers.ShouldAllBe(a => a.StartsWith("You may not do that.", StringComparison.Ordinal) != may);
        (await host.AskAsync($"!memories get {id}", channel: channel))
            .StartsWith($"Quote {id}: \"Mine\"", StringComparison.Ordinal)
            .ShouldBe(!may);
    }

    [Fact]
    public async Task A_member_named_in_the_setting_may_add()
    {
        var community = await host.CommunityAsync("granted");
        (await host.AskAsync("!memories add quote \"No\"", "eve", "granted")).ShouldStartWith("You may not do that.");

        var settings = host.Get<SettingsStore>();
        var setting = settings.Find("memories", "contributors").ShouldNotBeNull();
        (await settings.SetAsync(setting, community, JsonSerializer.SerializeToElement("sandbox:zoe, sandbox:eve"), "test", Ct)).ShouldBeNull();

        (await host.AskAsync("!memories add quote \"Yes\"", "eve", "granted")).ShouldStartWith("Quote added by eve");
        (await host.AskAsync("!memories add quote \"No\"", "ev", "granted")).ShouldStartWith("You may not do that.");
        (await host.AskAsync("!memories add quote \"No\"", "eve", "granted elsewhere")).ShouldStartWith(
            "You may not do that.");
    }

    [Fact]
    public async Task No_id_reaches_into_another_community_by_chat()
    {
        var id = await host.QuoteAsync("Ours", "here");
        var reminder = MemoriesHost.IdIn(await host.AskAsync("!memories remind \"tea\" in 1 hour", channel: "here"));

        var none = $"There is no memory {id} here.";
        (await host.AskAsync($"!memories get {id}", channel: "there", role: "owner")).ShouldBe(none);
        (await host.AskAsync($"!memories edit {id} content x", channel: "there", role: "owner")).ShouldBe(none);
        (await host.AskAsync($"!memories delete {id}", channel: "there", role: "owner")).ShouldBe(none);
        (await host.AskAsync($"!memories react {id} like", channel: "there")).ShouldBe(none);
        (await host.AskAsync($"!memories cancel {reminder}", channel: "there", role: "owner")).ShouldStartWith(
            $"You have no reminder {reminder}");
        await host.AskAsync("!memories categories add Theirs", channel: "there", role: "owner");
        (await host.AskAsync($"!memories categories assign {id} Theirs", channel: "here", role: "owner")).ShouldStartWith("There is no category Theirs here");
        (await host.AskAsync($"!memories get {id}", channel: "here")).ShouldContain("Ours");
    }

    [Fact]
    public async Task No_id_reaches_into_another_community_by_the_api()
    {
        var (ours, theirs) = (await host.CommunityAsync("api-here"), await host.CommunityAsync("api-there"));
        var id = await host.QuoteAsync("Ours", "api-here");
        var reminder = MemoriesHost.IdIn(
            await host.AskAsync("!memories remind \"tea\" in 1 hour", channel: "api-here"));
        var category = (await MemoriesHost.ReadAsync(
            await host.Http.PostAsJsonAsync(
                $"/api/v1/communities/{ours}/memories/categories",
                new { name = "Ours", platform = "sandbox", user_id = "ada" },
                Ct),
            HttpStatusCode.Created))["id"]!.GetValue<long>();
        var deleted = await host.QuoteAsync("Gone", "api-here");
        await host.AskAsync($"!memories delete {deleted}", channel: "api-here", role: "moderator");
        var path = $"/api/v1/communities/{theirs}/memories";
        var someone = new { platform = "sandbox", user_id = "ada", reaction_type = "like" };

        HttpResponseMessage[] answers =
        [
            await host.Http.GetAsync($"{path}/{id}", Ct),
            await host.Http.PatchAsJsonAsync($"{path}/{id}", new { content = "x" }, Ct),
            await host.Http.DeleteAsync($"{path}/{id}", Ct),
            await host.Http.GetAsync($"{path}/{id}/reactions", Ct),
            await host.Http.PostAsJsonAsync($"{path}/{id}/reactions", someone, Ct),
            await host.Http.PatchAsJsonAsync($"{path}/categories/{category}", new { name = "x" }, Ct),
            await host.Http.DeleteAsync($"{path}/categories/{category}", Ct),
            await host.Http.DeleteAsync($"{path}/reminders/{reminder}", Ct),
            await host.Http.PostAsJsonAsync(path, Note(category: category), Ct),
            await host.Http.PostAsJsonAsync(path, Note(entity: "sandbox:api-here"), Ct),
            await host.Http.PostAsJsonAsync($"{path}/reminders", Reminder("sandbox:api-here", null), Ct),
            await host.Http.PostAsJsonAsync($"{path}/reminders", Reminder("sandbox:api-there", id), Ct),
            await host.Http.PostAsJsonAsync(
                $"/api/v1/communities/{ours}/memories/reminders", Reminder("sandbox:api-here", deleted), Ct),
            await host.Http.PostAsJsonAsync("/api/v1/communities/999999/memories", Note(), Ct),
        ];

        answers.Select(a => (a.RequestMessage!.RequestUri!.PathAndQuery, a.StatusCode)).ShouldAllBe(
            a => a.StatusCode == HttpStatusCode.NotFound);
        (await host.AskAsync($"!memories get {id}", channel: "api-here")).ShouldContain("Ours");
        (await host.AskAsync("!memories reminders", channel: "api-here")).ShouldContain("tea");
    }

    [Fact]
    public async Task A_key_of_one_community_sees_no_other()
    {
        var (ours, theirs) = (await host.CommunityAsync("key-here"), await host.CommunityAsync("key-there"));
        var key = await host.Get<ApiKeys>().CreateAsync("bound", [Scopes.MemoriesRead], ours, 0, null, "test", Ct);
        using var http = host.Client(key.Secret);

        (await http.GetAsync($"/api/v1/communities/{ours}/memories", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync($"/api/v1/communities/{theirs}/memories", Ct)).StatusCode.ShouldBe(
            HttpStatusCode.NotFound);
        (await http.PostAsJsonAsync($"/api/v1/communities/{ours}/memories", Note(), Ct)).StatusCode.ShouldBe(
            HttpStatusCode.Forbidden);
        using var stranger = host.Client(null);
        (await stranger.GetAsync($"/api/v1/communities/{ours}/memories", Ct)).StatusCode.ShouldBe(
            HttpStatusCode.Unauthorized);
    }

    private static JsonObject Note(long? category = null, string? entity = null) => new()
    {
        ["memory_type"] = "note",
        ["title"] = "T",
        ["content"] = "C",
        ["category_id"] = category,
        ["entity_id"] = entity,
        ["platform"] = "sandbox",
        ["user_id"] = "ada",
    };

    private static JsonObject Reminder(string entity, long? memory) => new()
    {
        ["reminder_text"] = "tea",
        ["when"] = "in 1 hour",
        ["entity_id"] = entity,
        ["memory_id"] = memory,
        ["platform"] = "sandbox",
        ["user_id"] = "ada",
    };
}
