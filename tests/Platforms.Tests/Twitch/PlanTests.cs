using Rookery.Platforms.Twitch;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>What is compared with what should be.</summary>
public sealed class PlanTests
{
    private const string Here = "https://here/cb";

    private static readonly Wanted Follow = new("channel.follow", "2", Of(("broadcaster_user_id", "1"), ("moderator_user_id", "9")), "9");
    private static readonly Wanted Raid = new("channel.raid", "1", Of(("to_broadcaster_user_id", "1")), "9");

    [Fact]
    public void Missing_ones_are_made_and_standing_ones_left_alone()
    {
        var plan = Compare([Follow, Raid], [Standing("a", Raid, ("from_broadcaster_user_id", ""))]);

        plan.Create.ShouldBe([Follow]);
        plan.Delete.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("authorization_revoked")]
    [InlineData("notification_failures_exceeded")]
    [InlineData("webhook_callback_verification_failed")]
    [InlineData("websocket_disconnected")]
    public void A_dead_one_is_deleted_and_made_again(string status)
    {
        var plan = Compare([Follow], [Standing("a", Follow) with { Status = status }]);

        plan.Create.ShouldBe([Follow]);
        plan.Delete.Select(s => s.Id).ShouldBe(["a"]);
    }

    [Fact]
    public void Strangers_doubles_and_those_of_an_old_address_are_deleted()
    {
        var old = Standing("old", Raid) with { Transport = new TransportInfo("webhook", "https://old/cb") };
        var plan = Compare([Follow, Raid], [Standing("one", Follow), Standing("two", Follow), old, Standing("v1", Follow) with { Version = "1" }]);

        plan.Create.ShouldBe([Raid]);
        plan.Delete.Select(s => s.Id).ShouldBe(["two", "old", "v1"]);
    }

    [Fact]
    public void What_another_node_keeps_alive_is_left_to_it_and_what_it_left_dead_is_deleted()
    {
        var others = Standing("x", Follow) with { Transport = new TransportInfo("websocket", SessionId: "theirs") };
        var plan = Plan.Of([Follow], [others, others with { Id = "y", Status = "websocket_disconnected" }], _ => false, _ => true);

        plan.Create.ShouldBe([Follow]);
        plan.Delete.Select(s => s.Id).ShouldBe(["y"]);
    }

    [Fact]
    public void Only_what_the_broadcaster_allowed_is_wanted_and_each_kind_in_the_form_Twitch_asks_for()
    {
        Catalog.For("1", "9", new HashSet<string>(StringComparer.Ordinal), ChatTransport.EventSub).ShouldAllBe(w => w.Owner == "9");
        var all = Catalog.For("1", "9", Catalog.ChannelScopes.ToHashSet(StringComparer.Ordinal), ChatTransport.EventSub).ToList();

        all.Select(w => w.Type).Distinct(StringComparer.Ordinal).Count().ShouldBe(18);
        all.Single(w => w.Type == "channel.follow").Key.ShouldBe("channel.follow|2|broadcaster_user_id=1|moderator_user_id=9");
        all.Single(w => w.Type == "channel.raid").Key.ShouldBe("channel.raid|1|to_broadcaster_user_id=1");
    }

    [Fact]
    public void Talk_that_comes_over_IRC_is_not_subscribed_to() =>
        Catalog.For("1", "9", Catalog.ChannelScopes.ToHashSet(StringComparer.Ordinal), ChatTransport.Irc)
            .ShouldNotContain(w => w.Type == "channel.chat.message");

    private static Plan Compare(IReadOnlyList<Wanted> should, IReadOnlyList<SubscriptionInfo> known) =>
        Plan.Of(should, known, s => s.Transport?.Callback == Here, _ => false);

    private static SubscriptionInfo Standing(string id, Wanted like, params (string, string)[] also) => new(
        id, "enabled", like.Type, like.Version, Of([.. like.Condition.Select(c => (c.Key, c.Value!)), .. also]), new TransportInfo("webhook", Here));

    private static Dictionary<string, string?> Of(params (string Name, string Value)[] conditions) =>
        conditions.ToDictionary(c => c.Name, string? (c) => c.Value, StringComparer.Ordinal);
}
