using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Rookery.Kernel.Data;
using Rookery.Kernel.SignIn;

namespace Rookery.Platforms.Tests.SignIn;

public sealed class SignInTests(SignInHost host) : IClassFixture<SignInHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_signs_in_with_Discord_and_is_told_who_they_are()
    {
        using var browser = host.Browser();
        (await browser.StatusAsync("/api/v1/auth/me")).ShouldBe(HttpStatusCode.Unauthorized);

        using var back = await browser.SignInAsync("discord", SignInHost.Owner, "/somewhere?a=b");

        back.Headers.Location.ShouldBe(new Uri(host.Host.Address, "/somewhere?a=b"));
        var me = await browser.JsonAsync("auth/me");
        me["identities"]![0]!.ToJsonString().ShouldBe(
            new JsonObject { ["platform"] = "discord", ["user_id"] = SignInHost.Owner, ["username"] = "Olga" }.ToJsonString());
        me["expires_at"]!.GetValue<DateTimeOffset>().ShouldBe(me["created_at"]!.GetValue<DateTimeOffset>() + Sessions.Life);
        var guild = (await browser.JsonAsync("auth/guilds"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        guild["guild_id"]!.GetValue<string>().ShouldBe(SignInHost.Guild);
        guild["name"]!.GetValue<string>().ShouldBe("The rookery");
        guild["is_admin"]!.GetValue<bool>().ShouldBeTrue();
        host.Discord.SignIn.OpenTokens.ShouldBe(0, "Discord's token is given back");
    }

    [Fact]
    public async Task A_person_signs_in_with_Twitch_without_giving_it_any_right()
    {
        using var browser = host.Browser();
        host.Twitch.Accounts.LogsIn = SignInHost.Viewer;
        using var begun = await browser.GetAsync("/auth/twitch/login");
        begun.Headers.Location!.Query.ShouldContain("scope=&");
        begun.Headers.Location.Query.ShouldContain("code_challenge_method=S256");

        (await browser.SignInAsync("twitch", SignInHost.Viewer)).Dispose();

        (await browser.AccountsAsync()).ShouldBe([$"twitch:{SignInHost.Viewer}"]);
        host.Twitch.Accounts.OpenTokens.ShouldBe(0);
        (await host.Host.Get<Database>().Write.ValueAsync<long>($"select count(*) from twitch.twitch_tokens", Ct)).ShouldBe(0);
    }

    [Fact]
    public async Task A_way_back_is_good_once_and_in_the_browser_that_began()
    {
        using var browser = host.Browser();
        using var another = host.Browser();
        var back = (await browser.GoAsync("discord", SignInHost.Member)).AbsoluteUri;

        (await another.StatusAsync(back)).ShouldBe(HttpStatusCode.Forbidden, "begun elsewhere");
        (await browser.StatusAsync(back.Replace("state=", "state=x", StringComparison.Ordinal))).ShouldBe(HttpStatusCode.Forbidden, "altered");
        (await browser.StatusAsync("/auth/discord/callback?code=x")).ShouldBe(HttpStatusCode.Forbidden, "without a state");
        (await browser.StatusAsync(back.Replace("/discord/", "/twitch/", StringComparison.Ordinal))).ShouldBe(HttpStatusCode.Forbidden, "another platform");
        var kept = browser.Cookies.GetCookies(new Uri(back)).Single(c => c.Name == "rookery_discord_login");
        (await browser.StatusAsync(back)).ShouldBe(HttpStatusCode.Redirect);
        browser.Cookies.Add(new Uri(back), new Cookie(kept.Name, kept.Value, kept.Path));
        (await browser.StatusAsync(back)).ShouldBe(HttpStatusCode.Forbidden, "used before");
        another.Session.ShouldBeNull();
    }

    [Fact]
    public async Task A_code_that_somebody_else_asked_for_is_worth_nothing()
    {
        using var thief = host.Browser();
        using var victim = host.Browser();
        var stolen = Query(await victim.GoAsync("discord", SignInHost.Owner), "code");
        var own = await thief.GoAsync("discord", SignInHost.Stranger);

        using var response = await thief.GetAsync(own.AbsoluteUri.Replace(Query(own, "code"), stolen, StringComparison.Ordinal));

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        thief.Session.ShouldBeNull();
    }

    [Fact]
    public async Task The_cookie_is_for_this_host_and_no_script_and_crosses_no_network_in_the_clear()
    {
        using var plain = host.Browser();
        using (var back = await plain.SignInAsync("discord", SignInHost.Member))
        {
            var cookie = back.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("rookery_session=", StringComparison.Ordinal));
            cookie.ShouldContain("; path=/; samesite=lax; httponly");
            cookie.ShouldContain("max-age=86400");
            cookie.ShouldNotContain("domain");
            plain.Session!.Length.ShouldBe(43);
        }

        var settings = host.Host.Get<IConfiguration>();
        try
        {
            settings["PublicBaseUrl"] = "https://bots.example.org";
            (await CallbackByHandAsync()).ShouldContain(c =>
                c.StartsWith("__Host-rookery_session=", StringComparison.Ordinal) && c.EndsWith("; path=/; secure; samesite=lax; httponly", StringComparison.Ordinal));

            settings["PublicBaseUrl"] = "http://bots.example.org";
            (await plain.StatusAsync("/auth/discord/login")).ShouldBe(HttpStatusCode.NotFound);
        }
        finally
        {
            settings["PublicBaseUrl"] = host.Host.Address.AbsoluteUri;
        }
    }

    [Fact]
    public async Task Signing_in_begins_a_new_session_whatever_the_browser_came_with()
    {
        using var browser = host.Browser();
        browser.Session = SessionCookie.NewToken();
        var planted = browser.Session!;
        (await browser.SignInAsync("discord", SignInHost.Member)).Dispose();
        var first = browser.Session!;
        (await browser.SignInAsync("discord", SignInHost.Member)).Dispose();
        var second = browser.Session!;

        new[] { planted, first, second }.ShouldBeUnique();
        foreach (var (token, status) in new[] { (planted, 401), (first, 401), (second, 200) })
        {
            browser.Session = token;
            ((int)await browser.StatusAsync("/api/v1/auth/me")).ShouldBe(status);
        }
    }

    [Fact]
    public async Task A_session_links_accounts_until_somebody_else_signs_in()
    {
        using var browser = await host.SignedInAsync(SignInHost.Member);
        var expires = (await browser.JsonAsync("auth/me"))["expires_at"]!.GetValue<DateTimeOffset>();
        (await browser.SignInAsync("twitch", SignInHost.Viewer)).Dispose();
        (await browser.AccountsAsync()).ShouldBe([$"discord:{SignInHost.Member}", $"twitch:{SignInHost.Viewer}"]);
        (await browser.JsonAsync("auth/me"))["expires_at"]!.GetValue<DateTimeOffset>().ShouldBe(expires, "what is linked is not proven again");

        (await browser.SignInAsync("discord", SignInHost.Stranger)).Dispose();
        (await browser.AccountsAsync()).ShouldBe([$"discord:{SignInHost.Stranger}"]);
    }

    [Fact]
    public async Task Whoever_says_no_or_meets_an_outage_reads_why_and_it_is_on_record()
    {
        using var browser = host.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Get, await browser.GoAsync("discord", ""));
        request.Headers.Accept.ParseAdd("text/html");
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = browser.Cookies });
        using var page = await http.SendAsync(request, Ct);
        page.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await page.Content.ReadAsStringAsync(Ct)).ShouldContain("Discord did not sign you in (access_denied).");
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");

        var hostile = (await browser.GoAsync("discord", "")).AbsoluteUri.Replace("access_denied", "%3Cscript%3E", StringComparison.Ordinal);
        using var plain = await browser.GetAsync(hostile);
        (await plain.Content.ReadAsStringAsync(Ct)).ShouldNotContain("script");

        var audited = await host.Host.Http.GetStringAsync("/api/v1/audit?action=sign_in.failed", Ct);
        audited.ShouldContain("declined");
        audited.ShouldContain("127.0.0.1");
        (await host.Host.Http.GetStringAsync("/metrics", Ct)).Split('\n').ShouldContain(line =>
            line.StartsWith("rookery_sign_ins", StringComparison.Ordinal)
            && line.Contains("\"declined\"", StringComparison.Ordinal) && line.Contains("\"discord\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_that_lets_anybody_in_is_logged_or_stored()
    {
        using var browser = host.Browser();
        var back = await browser.GoAsync("discord", SignInHost.Owner);
        (await browser.GetAsync(back.AbsoluteUri)).Dispose();
        var csrf = (await browser.JsonAsync("auth/me"))["csrf_token"]!.GetValue<string>();
        string[] secrets = [.. host.Discord.SignIn.Secrets, browser.Session!, csrf, host.Discord.SignIn.ClientSecret];

        var stored = await host.Host.Get<Database>().Write.ValueAsync<string>(
            $"""
            select concat((select string_agg(s::text, '') from kernel.sign_ins s), (select string_agg(i::text, '') from kernel.sign_in_identities i),
                (select string_agg(a::text, '') from kernel.audit_log a))
            """,
            Ct);
        stored.ShouldContain(SignInHost.Owner);
        var logged = string.Concat(host.Log);
        host.Log.ShouldNotBeEmpty();
        foreach (var secret in secrets)
        {
            stored.ShouldNotContain(secret);
            logged.ShouldNotContain(secret);
        }
    }

    private async Task<IReadOnlyList<string>> CallbackByHandAsync()
    {
        host.Discord.SignIn.LogsIn = SignInHost.Member;
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        using var begun = await http.GetAsync(new Uri(host.Host.Address, "/auth/discord/login"), Ct);
        var kept = begun.Headers.GetValues("Set-Cookie").Single();
        kept.ShouldContain("; secure; samesite=lax; httponly");
        using var allowed = await http.GetAsync(begun.Headers.Location, Ct);
        allowed.Headers.Location!.AbsoluteUri.ShouldStartWith("https://bots.example.org/auth/discord/callback?");
        using var back = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Host.Address, allowed.Headers.Location.PathAndQuery));
        back.Headers.Add("Cookie", kept.Split(';')[0]);
        using var finished = await http.SendAsync(back, Ct);
        finished.Headers.Location.ShouldBe(new Uri("https://bots.example.org/account/"));
        return [.. finished.Headers.GetValues("Set-Cookie")];
    }

    private static string Query(Uri address, string name) => System.Web.HttpUtility.ParseQueryString(address.Query)[name]!;
}
