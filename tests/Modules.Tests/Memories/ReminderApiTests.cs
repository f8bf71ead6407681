using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rookery.Memories.Tests;

public sealed class ReminderApiTests(MemoriesHost host) : IClassFixture<MemoriesHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reminder_is_made_from_words_listed_said_and_over()
    {
        var path = await PathAsync("words");
        var made = await MadeAsync(path, Reminder("words", r => r["when"] = "in 10 minutes"));
        made["remind_at"]!.GetValue<DateTimeOffset>().ShouldBe(host.Clock!.GetUtcNow().AddMinutes(10));
        (await IdsAsync($"{path}?platform=sandbox&user_id=ada")).ShouldBe([made["id"]!.GetValue<long>()]);
        (await IdsAsync($"{path}?platform=sandbox&user_id=bob")).ShouldBeEmpty();

        host.Clock.Advance(TimeSpan.FromMinutes(10));
        (await host.Sandbox.TextsAsync("words", 1)).ShouldBe(["⏰ Ada: tea"]);
        (await IdsAsync(path)).ShouldBeEmpty();
        var over =
            (await host.Http.GetFromJsonAsync<JsonObject>($"{path}?include_sent=true", Ct))!["items"]!.AsArray().ShouldHaveSingleItem()!;
        (over["is_sent"]!.GetValue<bool>(), over["is_late"]!.GetValue<bool>()).ShouldBe((true, false));
    }

    [Fact]
    public async Task A_reminder_is_made_from_an_instant_and_a_pattern()
    {
        var path = await PathAsync("instant");
        var made = await MadeAsync(path, Reminder("instant", r =>
        {
            r["remind_at"] = "2026-03-31T22:30:00Z";
            r["recurring_pattern"] = "monthly";
            r["recurring_end"] = "2026-12-31";
            r["zone"] = "Europe/Paris";
        }));

        made["recurring_on"]!.AsArray().Select(d => d!.GetValue<int>()).ShouldBe([1]);
        (
            made["recurring_pattern"]!.GetValue<string>(),
            made["local_time"]!.GetValue<string>(),
            made["recurring_end"]!.GetValue<string>())
            .ShouldBe(("monthly", "00:30:00", "2026-12-31"));
    }

    [Fact]
    public async Task A_reminder_of_a_memory_names_it()
    {
        var id = await host.QuoteAsync("Remember me", "linked");
        await MadeAsync(await PathAsync("linked"), Reminder("linked", r =>
        {
            r["when"] = "in 1 minute";
            r["memory_id"] = id;
        }));

        host.Clock!.Advance(TimeSpan.FromMinutes(1));

        (await host.Sandbox.TextsAsync("linked", 1)).ShouldBe([$"⏰ Ada: tea (memory {id})"]);
    }

    [Fact]
    public async Task A_cancelled_reminder_is_gone()
    {
        var path = await PathAsync("cancel");
        var id =
            (await MadeAsync(path, Reminder("cancel", r => r["when"] = "every day 09:00")))["id"]!.GetValue<long>();

        (await host.Http.DeleteAsync($"{path}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.Http.DeleteAsync($"{path}/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await IdsAsync(path)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{}", "when")]
    [InlineData("""{"when":"soon"}""", "when")]
    [InlineData("""{"when":"in 1 hour","remind_at":"2026-12-24T18:00:00Z"}""", "when")]
    [InlineData("""{"when":"in 1 hour","recurring_pattern":"daily"}""", "recurring_pattern")]
    [InlineData("""{"remind_at":"2020-12-24T18:00:00Z"}""", "remind_at")]
    [InlineData("""{"remind_at":"2026-12-24T18:00:00Z","recurring_pattern":"hourly"}""", "recurring_pattern")]
    [InlineData("""{"remind_at":"2026-12-24T18:00:00Z","recurring_pattern":"1"}""", "recurring_pattern")]
    [InlineData("""{"remind_at":"2026-12-24T18:00:00Z","recurring_end":"2026-12-25"}""", "remind_at")]
    [InlineData("""{"when":"in 1 hour","zone":"Mars/Olympus"}""", "zone")]
    [InlineData("""{"when":"in 1 hour","platform":"twitch"}""", "platform")]
    [InlineData("""{"when":"in 1 hour","reminder_text":""}""", "reminder_text")]
    public async Task What_is_wrong_is_named(string fields, string wrong)
    {
        var path = await PathAsync("wrong");
        var body = Reminder("wrong", r =>
        {
            foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
            {
                r[name] = value?.DeepClone();
            }
        });

        var answer = await MemoriesHost.ReadAsync(
            await host.Http.PostAsJsonAsync(path, body, Ct), HttpStatusCode.BadRequest);

        answer["errors"]!.AsArray().ShouldHaveSingleItem()!["field"]!.GetValue<string>().ShouldBe(wrong);
        (await IdsAsync(path)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_member_never_has_more_than_100_reminders_to_come()
    {
        var path = await PathAsync("many");
        var answers = new ConcurrentBag<HttpStatusCode>();
        await Parallel.ForAsync(0, 110, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (_, ct) =>
            answers.Add((await host.Http.PostAsJsonAsync(path, Reminder("many", r => r["when"] = "in 1 hour"), ct)).StatusCode));

        answers.Count(a => a == HttpStatusCode.Created).ShouldBe(100);
        answers.Count(a => a == HttpStatusCode.Conflict).ShouldBe(10);
        (await host.AskAsync("!remind tea in 1 hour", "ada", "many")).ShouldStartWith(
            "You have 100 reminders to come, which is the most");
        (await host.AskAsync("!remind tea in 1 hour", "bob", "many")).ShouldStartWith("Reminder ");
        (await host.AskAsync("!memories reminders", "ada", "many")).ShouldEndWith("and 80 more");
    }

    private async Task<string> PathAsync(string channel) =>
        $"/api/v1/communities/{await host.CommunityAsync(channel)}/memories/reminders";

    private async Task<JsonObject> MadeAsync(string path, JsonObject reminder) =>
        await MemoriesHost.ReadAsync(await host.Http.PostAsJsonAsync(path, reminder, Ct), HttpStatusCode.Created);

    private async Task<IReadOnlyList<long>> IdsAsync(string path) =>
        [.. (await host.Http.GetFromJsonAsync<JsonObject>(path, Ct))!["items"]!.AsArray().Select(r => r!["id"]!.GetValue<long>())];

    private static JsonObject Reminder(string channel, Action<JsonObject> more)
    {
        var reminder = new JsonObject
        {
            ["reminder_text"] = "tea",
            ["entity_id"] = $"sandbox:{channel}",
            ["platform"] = "sandbox",
            ["user_id"] = "ada",
            ["user_name"] = "Ada",
        };
        more(reminder);
        return reminder;
    }
}
