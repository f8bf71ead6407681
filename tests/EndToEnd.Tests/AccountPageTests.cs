using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Playwright;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Twitch;
using static Microsoft.Playwright.Assertions;

namespace Rookery.EndToEnd.Tests;

/// <summary>People sign in, see who they are, and sign out, at a desk and on a phone.</summary>
public sealed class AccountPageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly DiscordSimulator _discord = new();
    private readonly TwitchSimulator _twitch = new();
    private TestHost? _host;

    public async ValueTask InitializeAsync()
    {
        await _discord.StartAsync(0, CancellationToken.None);
        await _twitch.StartAsync(0, CancellationToken.None);
        _twitch.Accounts.Add("200", "ada");
        _twitch.Accounts.AsksWho = true;
        _host = new TestHost
        {
            Settings = new Dictionary<string, string?>(_twitch.Settings("900"), StringComparer.Ordinal)
            {
                ["Platforms:Discord:BotToken"] = _discord.Token,
                ["Platforms:Discord:ClientSecret"] = _discord.SignIn.ClientSecret,
                ["Platforms:Discord:AuthorizeUrl"] = $"{_discord.Address}oauth2/authorize",
                ["Platforms:Discord:ApiBaseUrl"] = $"{_discord.Address}api/v10/",
            },
        };
        await _host.InitializeAsync();
        _host.Get<IConfiguration>()["PublicBaseUrl"] = _host.Address.AbsoluteUri;
        await TestHost.EventuallyAsync(
            async () => await _host.Get<Kernel.Data.Database>().Write.ValueAsync<long>(
                $"select count(*) from kernel.community_servers where platform = 'discord'", CancellationToken.None) == 1,
            "the server is known");
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await _discord.DisposeAsync();
        await _twitch.DisposeAsync();
    }

    [Theory]
    [InlineData(1280, 800)]
    [InlineData(375, 812)]
    public async Task A_person_signs_in_by_clicking_links_another_account_and_signs_out(int width, int height)
    {
        var errors = new List<string>();
        var page = await chromium.OpenAsync(width, height);
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(new Uri(_host!.Address, "/account").AbsoluteUri);

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Discord" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Olga, who owns the server" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Olga");
        await Expect(page.Locator("#guilds")).ToContainTextAsync("The rookeryYou may administer it.");

        await page.GetByRole(AriaRole.Link, new() { Name = "Link Twitch" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "ada" }).ClickAsync();
        await Expect(page.Locator("#identities li")).ToHaveCountAsync(2);
        await Expect(page.Locator("#sessions li")).ToHaveCountAsync(1);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Sign in");
        (await page.Context.CookiesAsync()).ShouldNotContain(c => c.Name == "rookery_session");

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Discord" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Do not sign in" }).ClickAsync();
        await Expect(page.GetByText("Discord did not sign you in")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to signing in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Sign in");
        errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280, 800)]
    [InlineData(375, 812)]
    public async Task A_streamer_takes_an_invitation_by_clicking_and_is_followed(int width, int height)
    {
        var ct = TestContext.Current.CancellationToken;
        await TestHost.EventuallyAsync(
            async () => await _host!.Get<Kernel.Data.Database>().Write.ValueAsync<long>($"select count(*) from live.guilds", ct) == 1, "known");
        using var made = await _host!.Http.PostAsJsonAsync(
            $"/api/v1/live/guilds/{DiscordSimulator.GuildId}/invites", new JsonObject { ["max_uses"] = 1 }, ct);
        var invite = (await made.Content.ReadFromJsonAsync<JsonObject>(ct))!;
        var errors = new List<string>();
        var page = await chromium.OpenAsync(width, height);
        page.PageError += (_, error) => errors.Add(error);

        await page.GotoAsync(invite["url"]!.GetValue<string>());
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Twitch" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "ada" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("The rookery");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, tell them" }).ClickAsync();
        await Expect(page.GetByText("Done: The rookery hears of it when twitch.tv/ada goes live.")).ToBeVisibleAsync();
        if (Environment.GetEnvironmentVariable("ROOKERY_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.GotoAsync(invite["url"]!.GetValue<string>());
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"invite-{width}.png") });
        }

        await page.GotoAsync(new Uri(_host.Address, "/live/invite/?code=nothing").AbsoluteUri);
        await Expect(page.GetByText("This address has no invitation in it")).ToBeVisibleAsync();
        errors.ShouldBeEmpty();
        (await _host.Get<Kernel.Data.Database>().Write.ValueAsync<long>(
            $"select count(*) from live.guild_streamers gs join live.streamers s on s.id = gs.streamer_id where s.twitch_login = 'ada'", ct)).ShouldBe(1);
    }
}
