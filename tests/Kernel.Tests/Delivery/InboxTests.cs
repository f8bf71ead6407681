using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Tests.Delivery;

public sealed class InboxTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private static readonly DateTimeOffset Noon = new ManualClock().GetUtcNow();
    private static readonly DateTimeOffset Day = Noon.AddHours(-12);

    [Fact]
    public async Task The_first_sight_of_an_event_holds_and_repeats_name_it()
    {
        await using var inbox = Inbox();
        var key = NewKey();
        var first = await inbox.ClaimAsync(Claim(key));
        first.IsFirst.ShouldBeTrue();

        var repeat = await inbox.ClaimAsync(Claim(key));
        repeat.IsFirst.ShouldBeFalse();
        repeat.First.ShouldBe(first.EventId);
    }

    [Fact]
    public async Task The_same_id_on_two_platforms_is_two_events()
    {
        await using var inbox = Inbox();
        var key = NewKey();
        (await inbox.ClaimAsync(Claim(key))).IsFirst.ShouldBeTrue();
        (await inbox.ClaimAsync(Claim(key, platform: Platform.Slack))).IsFirst.ShouldBeTrue();
    }

    [Fact]
    public async Task In_one_call_one_of_equal_claims_holds()
    {
        var (a, b) = (NewKey(), NewKey());
        InboxClaim[] claims = [Claim(a), Claim(b), Claim(a), Claim(a), Claim(b)];
        await ClaimTogetherAsync(claims);
        foreach (var key in new[] { a, b })
        {
            var holder = claims.Single(c => c.EventKey == key && c.IsFirst);
            claims.Where(c => c.EventKey == key).ShouldAllBe(c => c.First == holder.EventId);
        }
    }

    [Fact]
    public async Task A_repeat_after_midnight_is_known()
    {
        await using var inbox = Inbox();
        var key = NewKey();
        var first = await inbox.ClaimAsync(Claim(key, Day.AddHours(23).AddMinutes(59)));
        foreach (var later in new[] { Day.AddDays(1).AddMinutes(1), Day.AddDays(2).AddHours(23) })
        {
            var repeat = await inbox.ClaimAsync(Claim(key, later));
            repeat.First.ShouldBe(first.EventId);
        }
    }

    [Fact]
    public async Task Both_sides_of_midnight_in_one_call_hold_once()
    {
        foreach (var days in new[] { (First: 0, Second: 1), (First: 1, Second: 0) })
        {
            var key = NewKey();
            InboxClaim[] claims = [Claim(key, Day.AddDays(days.First)), Claim(key, Day.AddDays(days.Second))];
            await ClaimTogetherAsync(claims);
            claims.ShouldAllBe(c => c.First == claims.Single(x => x.IsFirst).EventId);
        }
    }

    [Fact]
    public async Task Beyond_the_window_an_id_is_new_again()
    {
        await using var inbox = Inbox();
        var key = NewKey();
        await inbox.ClaimAsync(Claim(key));
        (await inbox.ClaimAsync(Claim(key, Noon.AddDays(Kernel.Delivery.Inbox.WindowDays + 1)))).IsFirst.ShouldBeTrue();
    }

    [Fact]
    public async Task Of_fifty_claims_at_once_on_several_nodes_one_holds()
    {
        var nodes = Enumerable.Range(0, 5).Select(_ => Inbox()).ToList();
        var key = NewKey();
        var claims = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => nodes[i % 5].ClaimAsync(Claim(key))));

        var first = claims.Single(c => c.IsFirst);
        claims.ShouldAllBe(c => c.First == first.EventId);
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nodes_that_claim_the_same_events_in_different_orders_do_not_block_each_other()
    {
        var keys = Enumerable.Range(0, 40).Select(_ => NewKey()).ToList();
        var claims = await Task.WhenAll(Enumerable.Range(0, 6).Select(async node =>
        {
            var mine = (node % 2 == 0 ? keys : Enumerable.Reverse(keys)).Select(k => Claim(k)).ToArray();
            await ClaimTogetherAsync(mine);
            return mine;
        }));
        claims.SelectMany(c => c).Where(c => c.IsFirst).Select(c => c.EventKey).ShouldBe(keys, ignoreOrder: true);
    }

    private async Task ClaimTogetherAsync(InboxClaim[] claims)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var connection = await database.Db.OpenAsync(ct);
        var together = new InboxClaims(claims);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { together.Command() } };
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            await together.ReadAsync(reader, ct);
        }

        await together.FindHoldersAsync(connection, ct);
    }

    private Inbox Inbox() => new(database.Db, NullLogger<Inbox>.Instance);

    private static InboxClaim Claim(string key, DateTimeOffset? at = null, Platform platform = Platform.Discord) =>
        new(platform, key, Guid.NewGuid(), at ?? Noon);

    private static string NewKey() => Guid.NewGuid().ToString();
}
