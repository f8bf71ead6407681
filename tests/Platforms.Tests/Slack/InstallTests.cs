using System.Net;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Slack;
using Rookery.Simulators.Slack;

namespace Rookery.Platforms.Tests.Slack;

public sealed class InstallTests(EventsHost fixture) : IClassFixture<EventsHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_installs_the_app_and_is_answered()
    {
        (await InstallAsync("T50")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await fixture.Slack.EventAsync("T50", SocketModeTests.Message("C60", "U1", "!ping", "1700000000.000001"), Ct);

        await fixture.SaysAsync("C60", "Pong!");
        (await GuildAsync("T50")).ShouldBe(("Team T50", "UADMIN", true));
        (await fixture.Witness.SawAsync(e => e.Channel.Server == "T50" && e.Fact is ServerJoined)).Fact
            .ShouldBe(new ServerJoined("Team T50", "UADMIN"));
    }

    [Fact]
    public async Task Tokens_are_sealed_in_the_database()
    {
        await InstallAsync("T51");

        var stored = await fixture.Host.Get<Database>().Write.ValueAsync<string>(
            $"select to_jsonb(t)::text from slack.slack_tokens t where team_id = 'T51'", Ct);
        stored.ShouldNotContain("xox");
        (await fixture.Host.Get<TokenStore>().FindAsync("T51", Ct))!.AccessToken.ShouldBe(fixture.Slack.TokensOf("T51").Single());
    }

    [Fact]
    public async Task An_installation_counts_once_and_for_the_browser_that_began_it()
    {
        fixture.Slack.NextWorkspace = "T52";
        using var browser = Browser();
        var (_, back) = await ConsentAsync(browser);
        using var other = Browser();

        (await other.GetAsync(back, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await browser.GetAsync(new Uri(back.AbsoluteUri.Replace("state=", "state=x", StringComparison.Ordinal)), Ct)).StatusCode
            .ShouldBe(HttpStatusCode.BadRequest);
        (await browser.GetAsync(back, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await browser.GetAsync(back, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Consent_that_is_refused_installs_nothing()
    {
        using var browser = Browser();
        var (_, back) = await ConsentAsync(browser);
        var denied = new Uri(System.Text.RegularExpressions.Regex.Replace(back.AbsoluteUri, "code=[^&]*", "error=access_denied"));

        using var answer = await browser.GetAsync(denied, Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain("access_denied");
    }

    [Fact]
    public async Task An_expired_token_is_renewed_once_by_many_at_once()
    {
        fixture.Slack.RotatesTokens = true;
        await InstallAsync("T53");
        var old = fixture.Slack.TokensOf("T53").Single();
        await fixture.Host.Get<Database>().Write.ExecuteAsync(
            $"update slack.slack_tokens set expires_at = now() where team_id = 'T53'", Ct);
        fixture.Slack.Expire(old);

        var sent = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => fixture.Host.Get<SlackSender>().SendAsync(
            new SendMessage(new ChannelId(Platform.Slack, "T53", "C61"), new ModuleResponse("m", true, "chat", ChatMessage: $"{i}")), $"reply:r{i}:0", Ct).AsTask()));

        sent.ShouldAllBe(s => s.Ok);
        fixture.Slack.TokensOf("T53").ShouldHaveSingleItem().ShouldNotBe(old);
        var kept = (await fixture.Host.Get<TokenStore>().FindAsync("T53", Ct))!;
        kept.AccessToken.ShouldNotBe(old);
        kept.ExpiresAt!.Value.ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddHours(11));
    }

    [Fact]
    public async Task A_token_that_expires_before_its_time_is_renewed()
    {
        fixture.Slack.RotatesTokens = true;
        await InstallAsync("T57");
        fixture.Slack.Expire(fixture.Slack.TokensOf("T57").Single());

        var sent = await fixture.Host.Get<SlackSender>().SendAsync(
            new SendMessage(new ChannelId(Platform.Slack, "T57", "C65"), new ModuleResponse("m", true, "chat", ChatMessage: "still here")), "reply:r57:0", Ct);

        sent.Ok.ShouldBeTrue(sent.Error);
    }

    [Fact]
    public async Task Tokens_are_renewed_before_they_expire()
    {
        fixture.Slack.RotatesTokens = true;
        await InstallAsync("T54");
        var old = (await fixture.Host.Get<TokenStore>().FindAsync("T54", Ct))!;
        await fixture.Host.Get<Database>().Write.ExecuteAsync(
            $"update slack.slack_tokens set expires_at = now() + interval '1 hour' where team_id = 'T54'", Ct);

        await fixture.Host.Get<RotateTokens>().RunAsync(Ct);

        var kept = (await fixture.Host.Get<TokenStore>().FindAsync("T54", Ct))!;
        kept.AccessToken.ShouldNotBe(old.AccessToken);
        kept.RefreshToken.ShouldNotBe(old.RefreshToken);
    }

    [Fact]
    public async Task A_renewal_that_was_cut_off_before_its_answer_was_stored_is_tried_with_the_old_token()
    {
        fixture.Slack.RotatesTokens = true;
        await InstallAsync("T58");
        await CutOffAsync("T58");
        fixture.Slack.ForgivesRefresh = true;
        var old = (await fixture.Host.Get<TokenStore>().FindAsync("T58", Ct))!;

        await fixture.Host.Get<RotateTokens>().RunAsync(Ct);
        fixture.Slack.ForgivesRefresh = false;

        var kept = (await fixture.Host.Get<TokenStore>().FindAsync("T58", Ct))!;
        kept.RefreshToken.ShouldNotBe(old.RefreshToken);
        kept.RenewalBeganAt.ShouldBeNull();
    }

    [Fact]
    public async Task When_Slack_does_not_take_the_old_token_either_a_person_is_told_until_the_app_is_installed_again()
    {
        fixture.Slack.RotatesTokens = true;
        await InstallAsync("T59");
        await CutOffAsync("T59");
        var renewal = fixture.Host.Get<TokenRenewal>();

        // Slack has used the token up for whoever was cut off.
        var old = (await fixture.Host.Get<TokenStore>().FindAsync("T59", Ct))!;
        await fixture.Host.Get<SlackApi>().AuthorizeAsync(
            fixture.Host.Get<Microsoft.Extensions.Options.IOptions<SlackOptions>>().Value,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["grant_type"] = "refresh_token", ["refresh_token"] = old.RefreshToken! },
            Ct);
        await fixture.Host.Get<RotateTokens>().RunAsync(Ct);

        (await renewal.RenewAsync("T59", TimeProvider.System.GetUtcNow(), null, Ct))!.AccessToken.ShouldBe(old.AccessToken);
        using var http = fixture.Host.Client(null);
        var ready = await http.GetStringAsync(new Uri("readyz", UriKind.Relative), Ct);
        ready.ShouldContain("invalid_refresh_token");
        ready.ShouldContain("platforms/slack/install");

        await InstallAsync("T59");
        (await fixture.Host.Get<TokenStore>().LostAsync(Ct)).ShouldNotContain(l => l.Team == "T59");
    }

    [Fact]
    public async Task An_answer_of_Slack_that_got_lost_leaves_the_renewal_in_doubt()
    {
        fixture.Slack.RotatesTokens = true;
        await InstallAsync("T60");
        fixture.Slack.Fail("oauth.v2.access", new SlackFailure(500));

        await fixture.Host.Get<TokenRenewal>().RenewAsync("T60", DateTimeOffset.MaxValue, null, Ct);
        (await fixture.Host.Get<TokenStore>().FindAsync("T60", Ct))!.RenewalBeganAt.ShouldNotBeNull();

        await fixture.Host.Get<RotateTokens>().RunAsync(Ct);
        (await fixture.Host.Get<TokenStore>().FindAsync("T60", Ct))!.RenewalBeganAt.ShouldBeNull();
    }

    /// <summary>A node dies after it asked Slack for new tokens.</summary>
    private Task<bool> CutOffAsync(string team) => fixture.Host.Get<TokenStore>().BeginRenewalAsync(team, Ct);

    [Fact]
    public async Task Being_uninstalled_takes_the_tokens_away()
    {
        await InstallAsync("T55");

        await fixture.Slack.EventAsync("T55", new JsonObject { ["type"] = "app_uninstalled" }, Ct);
        await fixture.SettledAsync();

        (await fixture.Host.Get<TokenStore>().FindAsync("T55", Ct)).ShouldBeNull();
        (await GuildAsync("T55")).Active.ShouldBeFalse();
        var sent = await fixture.Host.Get<SlackSender>().SendAsync(
            new SendMessage(new ChannelId(Platform.Slack, "T55", "C62"), new ModuleResponse("m", true, "chat", ChatMessage: "x")), "reply:u:0", Ct);
        sent.ShouldBe(Sent.Failed("chat.postMessage: The bot is not in the Slack workspace T55."));
    }

    [Fact]
    public async Task A_late_word_of_an_uninstallation_does_not_undo_a_new_installation()
    {
        await InstallAsync("T56");
        var earlier = TimeProvider.System.GetUtcNow().AddMinutes(-5).ToUnixTimeSeconds();

        await fixture.Slack.EventAsync("T56", new JsonObject { ["type"] = "app_uninstalled", ["event_ts"] = $"{earlier}.000100" }, Ct);
        await fixture.SettledAsync();

        (await fixture.Host.Get<TokenStore>().FindAsync("T56", Ct)).ShouldNotBeNull();
        (await GuildAsync("T56")).Active.ShouldBeTrue();
    }

    [Fact]
    public async Task With_the_token_of_an_admin_moderation_deletes()
    {
        fixture.Slack.LendsUserToken = true;
        await InstallAsync("T1");
        fixture.Slack.LendsUserToken = false;

        await fixture.Slack.SayAsync("C63", "U2", "buy spam", null, Ct);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(fixture.Slack.Ledger.All.Any(e => e is { Channel: "C63", Kind: "deleted", Text: "buy spam" })), "the message is gone");
        await TestHost.EventuallyAsync(
            () => Task.FromResult(fixture.Slack.Ledger.All.Any(e => e is { Channel: "C63", Private: true, Text: "No spam here." })), "who said it is told");
    }

    private async Task<(string Name, string? Owner, bool Active)> GuildAsync(string team) =>
        (await fixture.Host.Get<Database>().Write.ListAsync(
            $"select name, owner_id, is_active from slack.slack_guilds where guild_id = {team}",
            r => (r.GetString(0), (string?)r.GetString(1), r.GetBoolean(2)),
            Ct)).Single();

    private async Task<HttpResponseMessage> InstallAsync(string team)
    {
        fixture.Slack.NextWorkspace = team;
        using var browser = Browser();
        var (_, back) = await ConsentAsync(browser);
        return await browser.GetAsync(back, Ct);
    }

    private HttpClient Browser() => new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
    {
        BaseAddress = fixture.Host.Address,
    };

    /// <returns>Where the browser was sent to consent, and where Slack sends it back.</returns>
    private static async Task<(Uri Consent, Uri Back)> ConsentAsync(HttpClient browser)
    {
        using var begin = await browser.GetAsync(new Uri("platforms/slack/install", UriKind.Relative), Ct);
        begin.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var consent = await browser.GetAsync(begin.Headers.Location, Ct);
        consent.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return (begin.Headers.Location!, consent.Headers.Location!);
    }
}
