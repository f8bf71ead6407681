using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Who is live stands in the channel's row: at once by event, and on asking.</summary>
public sealed class LiveTests(TwitchHost twitch) : IClassFixture<TwitchHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_is_live_at_once_and_its_viewers_and_title_are_asked_for()
    {
        await twitch.SubscribedAsync("stream.online");
        await twitch.SubscribedAsync("stream.offline");
        await twitch.Twitch.Streams.BeginAsync(TwitchHost.Channel, "Sunday chess", "Chess", 42);
        await RowAsync(r => r["is_live"]!.GetValue<bool>() && r["live_since"] is not null, "the event says that it is live");

        await twitch.Host.Get<LivePolls>().RunAsync(Ct);
        await RowAsync(
            r => r["viewer_count"]!.GetValue<int>() == 42 && r["metadata"]!["title"]!.GetValue<string>() == "Sunday chess"
                && r["status"]!.GetValue<string>() == "live",
            "asking says how many watch");

        await twitch.Twitch.Streams.EndAsync(TwitchHost.Channel);
        await RowAsync(r => !r["is_live"]!.GetValue<bool>() && r["viewer_count"]!.GetValue<int>() == 0, "the event says that it ended");

        await twitch.Twitch.Streams.BeginAsync(TwitchHost.Channel, "Night chess", "Chess", 7, tell: false);
        await twitch.Host.Get<LivePolls>().RunAsync(Ct);
        await RowAsync(r => r["is_live"]!.GetValue<bool>() && r["viewer_count"]!.GetValue<int>() == 7, "a missed event is made up for by asking");
    }

    [Fact]
    public async Task A_channel_has_a_row_of_a_server_that_can_be_switched_off()
    {
        twitch.Twitch.Accounts.Add("103", "third");
        await twitch.AddChannelAsync("third");
        await twitch.SubscribedAsync("stream.online", "103");
        var servers = await twitch.Host.Http.GetFromJsonAsync<JsonObject>("/api/v1/servers?platform=twitch&limit=200", Ct);
        var id = servers!["items"]!.AsArray().Single(s => s!["channel"]!.GetValue<string>() == "103")!["id"]!.GetValue<long>();

        using var off = await twitch.Host.Http.PatchAsJsonAsync($"/api/v1/servers/{id}", new { is_active = false }, Ct);

        off.IsSuccessStatusCode.ShouldBeTrue(await off.Content.ReadAsStringAsync(Ct));
        await TestHost.EventuallyAsync(
            () => Task.FromResult(!twitch.Twitch.Events.Enabled.Any(s => s.Condition.Values.Contains("103"))), "nobody listens there any more");
        (await twitch.Host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from kernel.coordination where entity_id = 'twitch:103'", Ct)).ShouldBe(0);
    }

    private Task RowAsync(Func<JsonNode, bool> holds, string what) => TestHost.EventuallyAsync(
        async () =>
        {
            var page = await twitch.Host.Http.GetFromJsonAsync<JsonObject>("/api/v1/coordination?platform=twitch&limit=200", Ct);
            return page!["items"]!.AsArray().Single(r => r!["entity_id"]!.GetValue<string>() == "twitch:100") is { } row && holds(row);
        },
        what);
}
