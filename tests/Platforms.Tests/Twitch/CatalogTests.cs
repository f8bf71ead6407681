using Rookery.Platforms.Twitch;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Tests.Twitch;

public sealed class CatalogTests
{
    private static readonly IReadOnlyList<Wanted> All =
        [.. Catalog.For("100", "900", Catalog.ChannelScopes.ToHashSet(StringComparer.Ordinal), ChatTransport.EventSub)];

    [Fact]
    public void Follows_are_asked_for_in_version_two_as_a_moderator_and_raids_by_where_they_go()
    {
        var follow = All.Single(w => w.Type == "channel.follow");
        (follow.Version, follow.Condition["moderator_user_id"]).ShouldBe(("2", "900"));

        All.Single(w => w.Type == "channel.raid").Condition.ShouldBe(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["to_broadcaster_user_id"] = "100" }, ignoreOrder: true);
    }

    [Fact]
    public void What_a_broadcaster_did_not_allow_is_not_asked_for() =>
        Catalog.For("100", "900", new HashSet<string>(StringComparer.Ordinal), ChatTransport.EventSub).ShouldAllBe(w => w.Owner == "900");
}
