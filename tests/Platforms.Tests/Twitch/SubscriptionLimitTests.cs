using System.Text.Json.Nodes;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>More channels than Twitch lets an account subscribe to for nothing.</summary>
public sealed class SubscriptionLimitTests(TwitchHost twitch) : IClassFixture<TwitchHost>
{
    [Fact]
    public async Task Where_the_number_is_limited_talk_and_follows_come_first_and_the_bot_goes_on_speaking()
    {
        for (var i = 0; i < 6; i++)
        {
            twitch.Twitch.Accounts.Add($"{400 + i}", $"quiet{i}");
            await twitch.AddChannelAsync($"quiet{i}");
        }

        for (var i = 0; i < 6; i++)
        {
            await twitch.SubscribedAsync("channel.chat.message", $"{400 + i}");
            await twitch.SubscribedAsync("channel.follow", $"{400 + i}");
        }

        await TestHost.EventuallyAsync(
            () => Task.FromResult(twitch.Twitch.Events.Enabled.Sum(s => s.Cost) == twitch.Twitch.Events.MaxTotalCost), "the rest is used up");
        await twitch.AnswersAsync("!ping", "Pong!", twitch.Count("Pong!") + 1);
    }

    [Fact]
    public async Task A_fact_without_an_id_that_two_subscriptions_tell_of_counts_once_and_one_a_little_later_again()
    {
        await twitch.SubscribedAsync("channel.cheer");
        var cheer = JsonNode.Parse(
            """{"broadcaster_user_id":"100","user_id":"200","user_name":"ada","is_anonymous":false,"message":"twin-cheer","bits":100}""")!.AsObject();
        twitch.Twitch.Events.Twins = 3;
        await twitch.Twitch.Events.EmitAsync("channel.cheer", cheer);
        await Task.Delay(TimeSpan.FromSeconds(6.5), TestContext.Current.CancellationToken);
        await twitch.Twitch.Events.EmitAsync("channel.cheer", cheer);
        twitch.Twitch.Events.Twins = 1;

        // The last word shows that what came before has been taken in.
        cheer["message"] = "last-cheer";
        await twitch.Twitch.Events.EmitAsync("channel.cheer", cheer);
        await TestHost.EventuallyAsync(async () => await twitch.StoredAsync("%last-cheer%") == 1, "the last is stored");
        (await twitch.StoredAsync("%twin-cheer%")).ShouldBe(2);
    }
}
