using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rookery.LivePosts.Tests;

/// <summary>A server that has no Twitch.</summary>
public sealed class TwitchOffTests(TestHost host) : IClassFixture<TestHost>
{
    [Fact]
    public async Task Who_follows_somebody_without_Twitch_is_told_what_to_set_and_nothing_breaks()
    {
        TestHost.Lines(await host.SayAsync("!live add somebody", role: "owner"))
            .ShouldHaveSingleItem().ShouldStartWith("Twitch is not set up here: Platforms:Twitch:");
        TestHost.Lines(await host.SayAsync("!live status")).ShouldHaveSingleItem().ShouldContain("Twitch is not set up here");

        using var answer = await host.Http.PostAsJsonAsync(
            "/api/v1/live/guilds/sandbox%3Alobby/streamers", new JsonObject { ["login"] = "somebody" }, LiveHost.Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, await answer.Content.ReadAsStringAsync(LiveHost.Ct));
    }
}
