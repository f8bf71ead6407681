using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rookery.Memories.Tests;

public sealed class NaughtyStringTests(MemoriesHost host) : IClassFixture<MemoriesHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_naughty_string_is_stored_and_returned_unchanged()
    {
        var strings = (await NaughtyStringsAsync()).Where(s => s.Length > 0).ToArray();

        strings.Length.ShouldBeGreaterThan(500);
        await Task.WhenAll(strings.Chunk(80).Select(async (part, n) =>
        {
            var (channel, path) = ($"naughty-{n}", await host.PathAsync($"naughty-{n}"));
            for (var i = 0; i < part.Length; i++)
            {
                await ByChatAsync(part[i], $"user {i}", channel, path);
                await ByApiAsync(part[i], channel, path);
            }
        }));
    }

    [Fact]
    public async Task Every_naughty_string_may_be_searched_for()
    {
        var path = await host.PathAsync("sought");
        await Parallel.ForEachAsync(await NaughtyStringsAsync(), Ct, async (text, ct) =>
        {
            var tag = text.Length > 100 ? "" : text;
            using var answer = await host.Http.GetAsync($"{path}?q={Uri.EscapeDataString(text)}&tag={Uri.EscapeDataString(tag)}", ct);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        });
    }

    private async Task ByChatAsync(string text, string user, string channel, string path)
    {
        var typed = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\u201C", "\\\u201C", StringComparison.Ordinal).Replace(
                "\u201D", "\\\u201D", StringComparison.Ordinal);
        var id = MemoriesHost.IdIn(await host.AskAsync($"!memories add quote \"{typed}\"", user, channel, "moderator"));
        (await host.AskAsync($"!memories get {id}", user, channel)).ShouldStartWith(
            $"Quote {id}: \"{text}\" – Unknown");
        (await host.JsonAsync($"{path}/{id}"))["content"]!.GetValue<string>().ShouldBe(text);
    }

    private async Task ByApiAsync(string text, string channel, string path)
    {
        var user = text.Length > 255 ? "ada" : text;
        var note = await host.AddAsync(path, new JsonObject
        {
            ["memory_type"] = "note",
            ["title"] = text,
            ["content"] = text,
            ["context"] = text,
            ["platform"] = "sandbox",
            ["user_id"] = user,
        });
        string[] fields = ["title", "content", "context"];
        fields.Select(f => note[f]!.GetValue<string>()).ShouldAllBe(t => t == text);
        note["created_by"]!.GetValue<string>().ShouldBe(user);
        var reminder = await host.AddAsync($"{path}/reminders", new JsonObject
        {
            ["reminder_text"] = text,
            ["when"] = "in 1 hour",
            ["entity_id"] = $"sandbox:{channel}",
            ["platform"] = "sandbox",
            ["user_id"] = user,
        });
        reminder["reminder_text"]!.GetValue<string>().ShouldBe(text);
    }

    private static async Task<string[]> NaughtyStringsAsync()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Rookery.slnx")))
        {
            root = root.Parent!;
        }

        var file = Path.Combine(root.FullName, "..", "shared", "data", "blns.json");
        Assert.SkipUnless(File.Exists(file), $"{file} is missing: the naughty strings were not tried.");
        return JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(file, Ct))!;
    }
}
