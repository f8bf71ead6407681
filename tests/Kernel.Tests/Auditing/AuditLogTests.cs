using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Tests.Auditing;

public sealed class AuditLogTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private readonly AuditLog _log = new(database.Db, new ManualClock());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secrets_are_blotted_out_wherever_they_stand()
    {
        var details = await WriteAsync(JsonNode.Parse(
            """
            {"name": "x", "password": "p", "client_secret": {"a": 1}, "headers": {"Authorization": "Bearer y", "Accept": "z"},
             "list": [{"access_token": "t"}, {"apiKey": "k"}], "token_type": "bot"}
            """)!);
        details["name"]!.GetValue<string>().ShouldBe("x");
        details["password"]!.GetValue<string>().ShouldBe("[redacted]");
        details["client_secret"]!.GetValue<string>().ShouldBe("[redacted]");
        details["headers"]!["Authorization"]!.GetValue<string>().ShouldBe("[redacted]");
        details["headers"]!["Accept"]!.GetValue<string>().ShouldBe("z");
        details["list"]![0]!["access_token"]!.GetValue<string>().ShouldBe("[redacted]");
        details["list"]![1]!["apiKey"]!.GetValue<string>().ShouldBe("[redacted]");
        details["token_type"]!.GetValue<string>().ShouldBe("bot");
    }

    [Fact]
    public async Task Long_texts_and_lists_and_deep_trees_are_cut()
    {
        JsonNode deep = "bottom";
        for (var i = 0; i < 20; i++)
        {
            deep = new JsonObject { ["in"] = deep };
        }

        var details = await WriteAsync(new JsonObject
        {
            ["text"] = new string('x', 5000),
            ["list"] = new JsonArray([.. Enumerable.Range(0, 500).Select(i => (JsonNode)i)]),
            ["deep"] = deep,
        });
        details["text"]!.GetValue<string>().Length.ShouldBe(513);
        details["list"]!.AsArray().Count.ShouldBe(50);
        details.ToJsonString().ShouldNotContain("bottom");
    }

    [Theory]
    [InlineData(510)]
    [InlineData(511)]
    [InlineData(512)]
    public async Task A_cut_through_a_surrogate_pair_can_still_be_stored(int before)
    {
        var details = await WriteAsync(
            new JsonObject { ["text"] = new string('x', before) + "\U0001F426" + new string('y', 100) });
        details["text"]!.GetValue<string>().ShouldStartWith(new string('x', before));
    }

    [Fact]
    public async Task Texts_that_a_database_cannot_hold_do_not_stop_the_act()
    {
        var details = await WriteAsync(new JsonObject { ["text"] = "a\0b", ["half"] = "a\ud83d" });
        details["text"]!.GetValue<string>().ShouldStartWith("a");
    }

    [Fact]
    public async Task It_is_written_or_undone_with_the_act()
    {
        var action = $"test.{Guid.NewGuid():N}";
        await Should.ThrowAsync<InvalidOperationException>(database.Db.TransactionAsync(
            async t =>
            {
                await _log.WriteAsync(t, 1, "key:ada", action, null, Ct);
                throw new InvalidOperationException();
            },
            Ct));
        (await _log.ListAsync(1, action, null, new PageQuery(10, null), Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_is_read_page_by_page_newest_first_and_by_community_action_and_user()
    {
        var word = Guid.NewGuid().ToString("N");
        for (var i = 0; i < 5; i++)
        {
            await _log.WriteAsync(
                database.Db.Write,
                i % 2,
                $"key:{(i < 3 ? "ada" : "bob")}",
                $"{word}.{i}",
                new JsonObject { ["i"] = i },
                Ct);
        }

        (await _log.ListAsync(null, word.ToUpperInvariant(), null, new PageQuery(50, null), Ct))
            .Select(e => e.Action[^1])
            .ShouldBe(['4', '3', '2', '1', '0']);
        (await _log.ListAsync(1, word, null, new PageQuery(50, null), Ct))
            .Select(e => e.Action[^1])
            .ShouldBe(['3', '1']);
        (await _log.ListAsync(null, word, "key:bob", new PageQuery(50, null), Ct))
            .Select(e => e.Action[^1])
            .ShouldBe(['4', '3']);
        var page = await _log.ListAsync(null, word, null, new PageQuery(2, null), Ct);
        page.Count.ShouldBe(3);
        (await _log.ListAsync(null, word, null, new PageQuery(2, page[1].Id.ToString(System.Globalization.CultureInfo.InvariantCulture)), Ct))
            .Select(e => e.Action[^1]).ShouldBe(['2', '1', '0']);
        (await _log.ListAsync(null, "%", null, new PageQuery(50, null), Ct)).ShouldBeEmpty();
    }

    private async Task<JsonNode> WriteAsync(JsonNode details)
    {
        var action = $"test.{Guid.NewGuid():N}";
        await _log.WriteAsync(database.Db.Write, 1, "key:ada", action, details, Ct);
        return JsonNode.Parse((await _log.ListAsync(1, action, null, new PageQuery(10, null), Ct)).Single().Details!.Value.GetRawText())!;
    }
}
