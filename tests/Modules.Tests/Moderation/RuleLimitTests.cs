using System.Net;
using Rookery.Kernel.Data;

namespace Rookery.Moderation.Tests;

public sealed class RuleLimitTests(TestHost host) : IClassFixture<TestHost>
{
    private readonly Channel _channel = new(host);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Database Db => host.Get<Database>();

    [Fact]
    public async Task A_community_holds_so_many_rules_and_they_all_work()
    {
        var community = await FillAsync("contains", 19_999);
        await _channel.RuleAsync("last", new() { ["community_id"] = community });

        using var inactive = await _channel.PostAsync("more", new() { ["community_id"] = community, ["is_active"] = false });
        inactive.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var more = await _channel.PostAsync("more", new() { ["community_id"] = community });

        (await more.ErrorsAsync())["is_active"].ShouldBe(
            "is one too many: 20000 rules are active here already. Delete some first.");
        (await _channel.OutcomeAsync("the last of them")).ShouldBe("replied");
        (await _channel.OutcomeAsync("this is UNSAID19960, too")).ShouldBe("replied");
        (await _channel.OutcomeAsync("nothing")).ShouldBe("ignored");

        // Nobody else is held up by it.
        await _channel.RuleAsync("for every community");
    }

    [Fact]
    public async Task A_community_holds_fewer_regular_expressions()
    {
        var community = await FillAsync("regex", 500);

        using var more = await _channel.PostAsync("a+", new() { ["community_id"] = community, ["match_type"] = "regex" });

        (await more.ErrorsAsync())["match_type"].ShouldBe(
            "is one too many: 500 regular expressions are active here already. Use contains or word where they will do.");
        await TestHost.EventuallyAsync(
            async () => await _channel.OutcomeAsync("unsaid499") == "replied", "the rules are loaded");
    }

    private async Task<long> FillAsync(string matchType, int rules)
    {
        await _channel.EnterAsync();
        var community = await Db.Read.ValueAsync<long>(
            $"select community_id from kernel.entities where entity_id = {_channel.EntityId}", Ct);
        await Db.Write.ExecuteAsync(
            $"""
            insert into moderation.stringmatch (community_id, string, match_type, action, created_by)
            select {community}, 'unsaid' || n, {matchType}, 'warn', 'test' from generate_series(1, {rules}) n
            """,
            Ct);
        return community;
    }
}
