using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Rookery.Kernel.Data;
using Rookery.Kernel.SignIn;

namespace Rookery.Platforms.Tests.SignIn;

public sealed class SessionTests(SignInHost host) : IClassFixture<SignInHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_must_come_from_our_own_page_and_bring_its_token()
    {
        using var browser = await host.SignedInAsync(SignInHost.Member);
        using var another = await host.SignedInAsync(SignInHost.Member);
        var foreign = (await another.JsonAsync("auth/me"))["csrf_token"]!.GetValue<string>();
        var ours = host.Host.Address.GetLeftPart(UriPartial.Authority);

        (await browser.ChangeAsync("POST", "auth/logout", csrf: null)).ShouldBe(HttpStatusCode.Forbidden);
        (await browser.ChangeAsync("POST", "auth/logout", csrf: foreign)).ShouldBe(HttpStatusCode.Forbidden);
        (await browser.ChangeAsync("POST", "auth/logout", site: "cross-site", origin: ours)).ShouldBe(HttpStatusCode.Forbidden);
        (await browser.ChangeAsync("POST", "auth/logout", site: "same-site")).ShouldBe(HttpStatusCode.Forbidden);
        (await browser.ChangeAsync("POST", "auth/logout", site: null, origin: "https://evil.example")).ShouldBe(HttpStatusCode.Forbidden);
        (await browser.ChangeAsync("POST", "auth/logout", site: null, origin: "null")).ShouldBe(HttpStatusCode.Forbidden);
        (await browser.ChangeAsync("POST", "auth/logout", site: null)).ShouldBe(HttpStatusCode.Forbidden);
        (await browser.StatusAsync("/api/v1/auth/me")).ShouldBe(HttpStatusCode.OK);

        (await browser.ChangeAsync("POST", "auth/logout", site: null, origin: ours)).ShouldBe(HttpStatusCode.NoContent);
        browser.Session.ShouldBeNull();
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_not_only_the_cookie()
    {
        using var browser = await host.SignedInAsync(SignInHost.Member);
        var token = browser.Session;

        (await browser.ChangeAsync("POST", "auth/logout")).ShouldBe(HttpStatusCode.NoContent);
        browser.Session = token;

        (await browser.StatusAsync("/api/v1/auth/me")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_person_sees_their_sessions_and_ends_one_or_all()
    {
        using var first = await host.SignedInAsync("51");
        using var second = await host.SignedInAsync("51");
        using var linked = await host.SignedInAsync("51");
        (await linked.SignInAsync("twitch", SignInHost.Viewer)).Dispose();
        using var stranger = await host.SignedInAsync("52");

        var items = (await first.JsonAsync("auth/sessions"))["items"]!.AsArray();
        items.Count.ShouldBe(2, "the one with another account may be shared with somebody");
        items.Select(i => i!["is_current"]!.GetValue<bool>()).ShouldBe([false, true]);
        items[0]!["user_agent"]!.GetValue<string>().ShouldBe("Test/1.0");
        items[0]!["ip"]!.GetValue<string>().ShouldBe("127.0.0.1");

        var id = items[0]!["id"]!.GetValue<string>();
        (await stranger.ChangeAsync("DELETE", $"auth/sessions/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await second.StatusAsync("/api/v1/auth/me")).ShouldBe(HttpStatusCode.OK);
        (await first.ChangeAsync("DELETE", $"auth/sessions/{id}")).ShouldBe(HttpStatusCode.NoContent);
        (await second.StatusAsync("/api/v1/auth/me")).ShouldBe(HttpStatusCode.Unauthorized);

        (await first.ChangeAsync("POST", "auth/logout-all")).ShouldBe(HttpStatusCode.NoContent);
        (await linked.StatusAsync("/api/v1/auth/me")).ShouldBe(HttpStatusCode.Unauthorized);
        (await stranger.StatusAsync("/api/v1/auth/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_session_ends_after_its_time_and_is_looked_up_no_more()
    {
        using var browser = await host.SignedInAsync("53");
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        var db = host.Host.Get<Database>();
        var sessions = new Sessions(new SessionStore(db, clock), db, host.Host.Get<ChangeFeed>(), host.Host.Get<Kernel.Auditing.AuditLog>(), [], clock);
        (await sessions.FindAsync(browser.Session!, Ct)).ShouldNotBeNull();

        clock.Advance(Sessions.Life - TimeSpan.FromMinutes(1));
        (await sessions.FindAsync(browser.Session!, Ct)).ShouldNotBeNull();
        clock.Advance(TimeSpan.FromMinutes(1));

        (await sessions.FindAsync(browser.Session!, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_known_of_a_person_is_shown_and_erased_and_their_session_with_it()
    {
        using var browser = await host.SignedInAsync("54");
        using var shown = await host.Host.Http.PostAsync("/api/v1/personal-data/discord/54/export", null, Ct);
        var rows = (await shown.Content.ReadFromJsonAsync<JsonObject>(Ct))!["data"]!["kernel.sign_ins"]!.AsArray();
        rows.ShouldHaveSingleItem()!["ip"]!.GetValue<string>().ShouldBe("127.0.0.1");
        rows[0]!.AsObject().ContainsKey("token_hash").ShouldBeFalse();

        using var erased = await host.Host.Http.PostAsync("/api/v1/personal-data/discord/54/erase", null, Ct);
        erased.EnsureSuccessStatusCode();

        await TestHost.EventuallyAsync(
            async () => await browser.StatusAsync("/api/v1/auth/me") == HttpStatusCode.Unauthorized, "the session is over");
    }

    [Fact]
    public async Task A_key_is_no_person_and_needs_no_csrf_token()
    {
        using var asked = await host.Host.Http.GetAsync("/api/v1/auth/me", Ct);
        asked.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var changed = await host.Host.Http.PostAsync($"/api/v1/probe/{SignInHost.Guild}/admin", null, Ct);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_answer_carries_the_headers_that_protect_browsers()
    {
        using var browser = host.Browser();
        foreach (var path in new[] { "/api/v1/auth/me", "/account/", "/nothing", "/auth/discord/callback", "/healthz" })
        {
            using var response = await browser.GetAsync(path);
            response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], path);
            response.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"], path);
            response.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"], path);
            response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'", customMessage: path);
        }
    }
}

/// <summary>A server that lets an address come three times a minute.</summary>
public sealed class StrictHost : SignInHost
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } =
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["SignIn:LoginCallsPerMinute"] = "3" };
}

public sealed class SignInLimitTests(StrictHost host) : IClassFixture<StrictHost>
{
    [Fact]
    public async Task An_address_may_sign_in_so_often_and_another_is_not_in_its_way()
    {
        var statuses = new List<int>();
        foreach (var address in new[] { "203.0.113.7", "203.0.113.7", "198.51.100.1, 203.0.113.7", "203.0.113.7", "203.0.113.8" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Host.Address, "/auth/discord/login?return_to=//evil"));
            request.Headers.Add("X-Forwarded-For", address);
            using var http = new HttpClient();
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            statuses.Add((int)response.StatusCode);
            response.Headers.RetryAfter.ShouldBe(response.StatusCode == HttpStatusCode.TooManyRequests ? response.Headers.RetryAfter : null);
        }

        statuses.ShouldBe([400, 400, 400, 429, 400]);
    }
}

public sealed class TwoNodesTests
{
    [Fact]
    public async Task A_session_that_one_node_ends_is_over_on_the_other()
    {
        await using var discord = new Simulators.Discord.DiscordSimulator();
        await discord.StartAsync(0, CancellationToken.None);
        await using var cluster = new Cluster(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Platforms:Discord:BotToken"] = discord.Token,
            ["Platforms:Discord:ApiBaseUrl"] = $"{discord.Address}api/v10/",
        });
        var (one, other) = (await cluster.AddAsync(), await cluster.AddAsync());
        foreach (var node in new[] { one, other })
        {
            node.Get<IConfiguration>()["PublicBaseUrl"] = node.Address.AbsoluteUri;
        }

        var ct = TestContext.Current.CancellationToken;
        var who = new Proof(new Identity(Kernel.Chat.Platform.Discord, "42", "Ada"), []);
        var token = await one.Get<Sessions>().BeginAsync(who, null, new Device(null, null), ct);
        var person = (await other.Get<Sessions>().FindAsync(token, ct)).ShouldNotBeNull();
        (await StatusAsync(other, token)).ShouldBe(HttpStatusCode.OK);

        await one.Get<Sessions>().RevokeAsync(person, person.Id, ct);

        await TestHost.EventuallyAsync(async () => await StatusAsync(other, token) == HttpStatusCode.Unauthorized, "the other node hears of it");
    }

    private static async Task<HttpStatusCode> StatusAsync(TestHost node, string token)
    {
        using var http = node.Client(null);
        http.DefaultRequestHeaders.Add("Cookie", $"rookery_session={token}");
        using var response = await http.GetAsync("/api/v1/auth/me", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}

/// <summary>A server on which a session may make six calls a minute.</summary>
public sealed class SlowHost : SignInHost
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } =
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["SignIn:SessionCallsPerMinute"] = "6" };
}

public sealed class SessionLimitTests(SlowHost host) : IClassFixture<SlowHost>
{
    [Fact]
    public async Task A_session_that_calls_too_often_is_in_nobody_elses_way_though_they_share_an_address()
    {
        using var eager = await host.SignedInAsync(SignInHost.Owner);
        using var calm = await host.SignedInAsync(SignInHost.Member);

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            statuses.Add(await eager.StatusAsync("/api/v1/auth/me"));
        }

        statuses[..6].ShouldAllBe(s => s == HttpStatusCode.OK);
        statuses[^1].ShouldBe(HttpStatusCode.TooManyRequests);
        (await calm.StatusAsync("/api/v1/auth/me")).ShouldBe(HttpStatusCode.OK);
    }
}
