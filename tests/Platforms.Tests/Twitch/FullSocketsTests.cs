using System.Globalization;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>More subscriptions than all sockets of an account carry.</summary>
public sealed class FullSocketsTests(FullSocketsTests.Host twitch) : IClassFixture<FullSocketsTests.Host>
{
    private const int Channels = 160;
    private const int OfChannel = 6;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_more_than_nine_hundred_subscriptions_three_sockets_carry_all_they_can_and_the_rest_follows_when_there_is_room()
    {
        const int Most = SocketShares.MostSockets * SocketShares.MostOfSocket;
        (Channels * OfChannel).ShouldBeGreaterThan(Most);
        twitch.Twitch.Events.MaxTotalCost = 1000;
        for (var i = 0; i < Channels; i++)
        {
            twitch.Twitch.Accounts.Add(Id(i), $"crowd{i.ToString(CultureInfo.InvariantCulture)}");
        }

        await twitch.Host.Get<Database>().Write.ExecuteAsync(
            $"""
            insert into twitch.twitch_channels (channel_id, broadcaster_id, broadcaster_name)
            select id, id, name from unnest({Numbers(Id)}, {Numbers(i => $"crowd{i}")}) as c (id, name)
            """,
            Ct);

        await StandAsync(Most);
        Loads().ShouldBe([300, 300, 300]);
        await twitch.Host.Get<Database>().Write.ExecuteAsync(
            $"update twitch.twitch_channels set is_active = false where channel_id = any({Numbers(Id)[..20]})", Ct);

        await StandAsync(((Channels - 20) * OfChannel));
        Loads().Max().ShouldBeLessThanOrEqualTo(SocketShares.MostOfSocket);
        foreach (var channel in new[] { Id(20), Id(Channels - 1) })
        {
            await twitch.Twitch.Chat.SayAsync(channel, "200", "!ping");
            await TestHost.EventuallyAsync(() => Task.FromResult(twitch.Twitch.Ledger.Said(channel).Count == 1), $"{channel} is heard");
        }
    }

    private static string Id(int n) => (8000 + n).ToString(CultureInfo.InvariantCulture);

    private static string[] Numbers(Func<int, string> name) => [.. Enumerable.Range(0, Channels).Select(name)];

    private Task StandAsync(int subscriptions) => TestHost.EventuallyAsync(
        () => Task.FromResult(Loads().Sum() == subscriptions), $"{subscriptions} subscriptions stand");

    private List<int> Loads() => [.. twitch.Twitch.Events.Enabled.GroupBy(s => s.SessionId).Select(g => g.Count())];

    /// <summary>The bot is logged in, and no channel is served yet.</summary>
    public sealed class Host : TwitchHost, IAsyncLifetime
    {
        protected override bool IsSetUp => false;

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            await LoginAsync(Bot, "bot");
        }
    }
}
