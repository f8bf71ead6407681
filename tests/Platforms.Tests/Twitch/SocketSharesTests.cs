using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>An account's subscriptions, spread over its sockets.</summary>
public sealed class SocketSharesTests
{
    private readonly SocketShares _shares = new();

    [Theory]
    [InlineData(300, 1, 0)]
    [InlineData(301, 2, 0)]
    [InlineData(900, 3, 0)]
    [InlineData(905, 3, 5)]
    public void No_socket_carries_more_than_it_may(int wanted, int sockets, int left)
    {
        var (of, over) = _shares.Share(Make(0, wanted));

        of.Count.ShouldBe(sockets);
        of.Values.ShouldAllBe(s => s.Count <= SocketShares.MostOfSocket);
        of.Values.SelectMany(s => s).Select(w => w.Key).Distinct(StringComparer.Ordinal).Count().ShouldBe(wanted - left);
        over.ShouldBe(left);
    }

    [Fact]
    public void A_change_moves_no_other_subscription()
    {
        var before = _shares.Share(Make(0, 600)).Of;

        var after = _shares.Share([.. Make(0, 600).Where((_, i) => i % 7 != 0), .. Make(1000, 50)]).Of;

        foreach (var socket in before.Keys)
        {
            var kept = after[socket].Select(w => w.Key).Intersect(before[socket].Select(w => w.Key), StringComparer.Ordinal);
            kept.Count().ShouldBe(before[socket].Count(w => int.Parse(w.Condition["id"]!, System.Globalization.CultureInfo.InvariantCulture) % 7 != 0));
        }
    }

    [Fact]
    public void What_costs_nothing_finds_room_first()
    {
        var dear = Make(0, 900).Select(w => w with { IsFree = false });

        var (of, left) = _shares.Share([.. dear, .. Make(1000, 10)]);

        left.ShouldBe(10);
        of.Values.SelectMany(s => s).Count(w => w.IsFree).ShouldBe(10);
    }

    private static List<Wanted> Make(int first, int count) =>
    [
        .. Enumerable.Range(first, count).Select(i => new Wanted(
            "t",
            "1",
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["id"] = i.ToString(System.Globalization.CultureInfo.InvariantCulture) },
            "9")),
    ];
}
