namespace Rookery.LivePosts.Tests;

/// <summary>The same where events come over a socket, which carries the streams of those who are only followed too.</summary>
public sealed class SocketTests(SocketTests.SocketHost live) : IClassFixture<SocketTests.SocketHost>
{
    [Fact]
    public async Task A_stream_that_is_told_over_a_socket_is_posted()
    {
        live.Twitch.Accounts.Add("900", "rookerybot");
        live.Twitch.Accounts.LogsIn = "900";
        using var browser = new HttpClient();
        using var login = await browser.GetAsync(new Uri(live.Host.Address, "/platforms/twitch/login?as=bot"), LiveHost.Ct);
        login.IsSuccessStatusCode.ShouldBeTrue();
        await live.ChannelAsync();
        var user = await live.FollowAsync();
        live.Subscriptions(user).ShouldAllBe(s => s.Method == "websocket");

        await live.Twitch.Streams.BeginAsync(user.Id, "Plugged in", "Go", 1);

        await live.PostedAsync(user);
    }

    public sealed class SocketHost : LiveHost
    {
        protected override IReadOnlyDictionary<string, string?> Settings { get; } =
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Platforms:Twitch:Transport"] = "websocket" };
    }
}
