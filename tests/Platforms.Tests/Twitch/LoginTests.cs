using System.Net;
using Rookery.Kernel.Data;
using Rookery.Platforms.Twitch;
using Rookery.Platforms.Twitch.Auth;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Who may log in, how, and what becomes of the tokens.</summary>
public sealed class LoginTests(EmptyTwitchHost twitch) : IClassFixture<EmptyTwitchHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_bot_logs_in_as_itself_and_its_tokens_lie_sealed()
    {
        (await twitch.LoginAsync(TwitchHost.Bot, "bot")).ShouldBe(HttpStatusCode.OK);

        var token = (await twitch.Host.Get<TokenStore>().FindAsync(TwitchHost.Bot, Ct))!;
        twitch.Twitch.Accounts.Find(token.AccessToken)!.UserId.ShouldBe(TwitchHost.Bot);
        token.Scopes.ShouldContain("user:write:chat");
        var row = await twitch.Host.Get<Database>().Write.ValueAsync<string>(
            $"select to_jsonb(t)::text from twitch.twitch_tokens t where user_id = {TwitchHost.Bot}", Ct);
        row.ShouldNotContain(token.AccessToken);
        row.ShouldNotContain(token.RefreshToken!);
    }

    [Fact]
    public async Task Only_the_bot_may_be_the_bot_and_only_added_channels_may_come()
    {
        (await twitch.LoginAsync("200", "bot")).ShouldBe(HttpStatusCode.Forbidden);
        (await twitch.LoginAsync(TwitchHost.Bot, "channel")).ShouldBe(HttpStatusCode.Forbidden);
        (await twitch.LoginAsync("200", "channel")).ShouldBe(HttpStatusCode.Forbidden);
        (await twitch.LoginAsync(null, "channel")).ShouldBe(HttpStatusCode.BadRequest);
        (await twitch.LoginAsync("200", "king")).ShouldBe(HttpStatusCode.BadRequest);
        (await twitch.Host.Get<TokenStore>().FindAsync("200", Ct)).ShouldBeNull();

        await twitch.AddChannelAsync("ada");
        (await twitch.LoginAsync("200", "channel")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_callback_that_nobody_began_is_refused()
    {
        using var http = twitch.Host.Client(null);
        using var response = await http.GetAsync("/platforms/twitch/callback?code=x&state=y", Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }
}

/// <summary>Tokens end, and are renewed without anybody noticing.</summary>
public sealed class TokenTests(TwitchHost twitch) : IClassFixture<TwitchHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_who_find_a_token_refused_renew_it_once_and_the_new_pair_is_stored()
    {
        var (tokens, store) = (twitch.Host.Get<Tokens>(), twitch.Host.Get<TokenStore>());
        var old = (await store.FindAsync(TwitchHost.Bot, Ct))!;
        var before = Refreshes();

        var renewed = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => tokens.RefreshAsync(TwitchHost.Bot, old.AccessToken, Ct)));

        Refreshes().ShouldBe(before + 1);
        var now = (await store.FindAsync(TwitchHost.Bot, Ct))!;
        renewed.ShouldAllBe(t => t!.AccessToken == now.AccessToken);
        now.RefreshToken.ShouldNotBe(old.RefreshToken);
        (await tokens.RefreshAsync(TwitchHost.Bot, now.AccessToken, Ct)).ShouldNotBeNull("the rotated refresh token works");
    }

    [Fact]
    public async Task A_token_about_to_end_is_renewed_before_it_does()
    {
        var (tokens, store) = (twitch.Host.Get<Tokens>(), twitch.Host.Get<TokenStore>());
        var old = (await store.FindAsync(TwitchHost.Channel, Ct))!;
        var soon = old with { ExpiresAt = TimeProvider.System.GetUtcNow() + Tokens.Margin - TimeSpan.FromSeconds(1) };
        await tokens.SaveAsync(twitch.Host.Get<Database>().Write, soon, Ct);

        var fresh = (await tokens.UserAsync(TwitchHost.Channel, Ct))!;

        fresh.AccessToken.ShouldNotBe(old.AccessToken);
        fresh.ExpiresAt.ShouldBeGreaterThan(soon.ExpiresAt);
    }

    [Fact]
    public async Task Validation_asks_for_every_token_and_writes_down_what_it_allows()
    {
        var given = twitch.Twitch.Accounts.Give("300", "bits:read");
        await twitch.Host.Get<TokenStore>().SaveAsync(
            twitch.Host.Get<Database>().Write,
            new UserToken("300", given.Access, given.Refresh, TimeProvider.System.GetUtcNow().AddMinutes(30), new HashSet<string>(["chat:read"], StringComparer.Ordinal)),
            Ct);

        await twitch.Host.Get<ValidateTokens>().RunAsync(Ct);

        twitch.Twitch.Accounts.Validations.ShouldContain(given.Access);
        (await twitch.Host.Get<TokenStore>().FindAsync("300", Ct))!.Scopes.ShouldBe(["bits:read"]);
    }

    [Fact]
    public async Task A_token_Twitch_will_not_renew_is_asked_for_no_more()
    {
        var given = twitch.Twitch.Accounts.Give("301", "bits:read");
        await twitch.Host.Get<TokenStore>().SaveAsync(
            twitch.Host.Get<Database>().Write,
            new UserToken("301", given.Access, "withdrawn", TimeProvider.System.GetUtcNow().AddMinutes(-1), new HashSet<string>(StringComparer.Ordinal)),
            Ct);
        var before = Refreshes();

        (await twitch.Host.Get<Tokens>().UserAsync("301", Ct)).ShouldBeNull();
        (await twitch.Host.Get<Tokens>().UserAsync("301", Ct)).ShouldBeNull();

        Refreshes().ShouldBe(before + 1);
    }

    [Fact]
    public async Task While_Twitch_renews_no_token_one_that_still_holds_goes_on_and_what_needs_one_is_tried_later()
    {
        var (tokens, write) = (twitch.Host.Get<Tokens>(), twitch.Host.Get<Database>().Write);
        var given = twitch.Twitch.Accounts.Give("302", "bits:read");
        var ends = new UserToken("302", given.Access, given.Refresh, TimeProvider.System.GetUtcNow().AddMinutes(1), new HashSet<string>(StringComparer.Ordinal));
        await tokens.SaveAsync(write, ends, Ct);
        twitch.Twitch.Accounts.Away = true;
        try
        {
            (await tokens.UserAsync("302", Ct))!.AccessToken.ShouldBe(given.Access);

            await tokens.SaveAsync(write, ends with { ExpiresAt = TimeProvider.System.GetUtcNow().AddMinutes(-1) }, Ct);
            var answer = await twitch.Host.Get<Helix>().AsUserAsync("302", HttpMethod.Get, "users?id=302", null, Ct);
            Answers.Classify(answer).RetryAfter.ShouldNotBeNull();
        }
        finally
        {
            twitch.Twitch.Accounts.Away = false;
        }

        (await twitch.Host.Get<TokenStore>().FindAsync("302", Ct))!.RefreshToken.ShouldBe(given.Refresh);
    }

    [Fact]
    public async Task The_applications_token_is_asked_for_once()
    {
        var tokens = twitch.Host.Get<Tokens>();
        var first = await tokens.AppAsync(null, Ct);
        var before = twitch.Twitch.Accounts.Grants.Count(g => g == "client_credentials");

        (await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => tokens.AppAsync(null, Ct)))).ShouldAllBe(t => t == first);
        twitch.Twitch.Accounts.Grants.Count(g => g == "client_credentials").ShouldBe(before);
        (await tokens.AppAsync(first, Ct)).ShouldNotBe(first);
    }

    private int Refreshes() => twitch.Twitch.Accounts.Grants.Count(g => g == "refresh_token");
}
