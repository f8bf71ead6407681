using System.Globalization;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>More subscriptions than a socket carries, and changes that another node makes.</summary>
public sealed class ManySubscriptionsTests(ManySubscriptionsTests.SlowHost twitch) : IClassFixture<ManySubscriptionsTests.SlowHost>
{
    [Fact]
    public async Task An_account_with_more_subscriptions_than_a_socket_carries_has_several_and_none_too_many()
    {
        twitch.Twitch.Events.MaxTotalCost = 1000;
        for (var i = 0; i < 52; i++)
        {
            var id = (800 + i).ToString(CultureInfo.InvariantCulture);
            twitch.Twitch.Accounts.Add(id, $"crowd{id}");
            await twitch.AddChannelAsync($"crowd{id}");
        }

        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Events.Enabled.Count(s => s.Owner == TwitchHost.Bot) == 53 * 6), "all are subscribed to");
        var loads = twitch.Twitch.Events.Enabled.Where(s => s.Owner == TwitchHost.Bot).GroupBy(s => s.SessionId).Select(g => g.Count()).ToList();
        loads.Count.ShouldBe(2);
        loads.Max().ShouldBe(twitch.Twitch.Events.MostOfSocket);
    }

    [Fact]
    public async Task A_consent_that_another_node_wrote_down_is_acted_on_at_once()
    {
        await twitch.SubscribedAsync("channel.cheer");

        await twitch.Host.Get<Database>().Write.ExecuteAsync(
            $"update twitch.twitch_tokens set scope = replace(scope, 'bits:read', '') where user_id = {TwitchHost.Channel}",
            TestContext.Current.CancellationToken);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(!twitch.Twitch.Events.All.Any(s => s.Type == "channel.cheer")), "it is subscribed to no more");
    }

    /// <summary>Looks by itself once an hour.</summary>
    public sealed class SlowHost : TwitchHost
    {
        protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Platforms:Twitch:ReconcileEvery"] = "01:00:00",
        };
    }
}
