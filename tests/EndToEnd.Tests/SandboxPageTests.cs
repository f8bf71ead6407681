using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Security;
using static Microsoft.Playwright.Assertions;

namespace Rookery.EndToEnd.Tests;

public sealed class SandboxPageTests(TestHost host, Chromium chromium) : IClassFixture<TestHost>, IClassFixture<Chromium>, IDisposable
{
    private const string Script = "<img src=x onerror=alert(1)>";

    private readonly List<string> _errors = [];

    [Theory]
    [InlineData(1280, 800)]
    [InlineData(375, 812)]
    public async Task The_first_steps_work(int width, int height)
    {
        var page = await OpenAsync(host.Address, await NewChannelAsync(), width, height);
        new Uri(page.Url).Fragment.ShouldBeEmpty();
        await Expect(page.Locator("#empty")).ToContainTextAsync("!help");

        await page.GetByRole(AriaRole.Button, new() { Name = "!help" }).ClickAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(Bodies(page)).ToContainTextAsync(["!help", "Commands here:"]);
        await SayAsync(page, "!ping");
        await Expect(Bodies(page).Last).ToHaveTextAsync("Pong!");
        await Expect(page.Locator("#empty")).ToBeHiddenAsync();
        await NothingSticksOutAsync(page);

        await page.ReloadAsync();
        await Expect(Bodies(page).Last).ToHaveTextAsync("Pong!");
        await Expect(Bodies(page)).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task Markup_is_shown_as_text_wherever_it_comes_from()
    {
        var page = await OpenAsync(host.Address, await NewChannelAsync());
        var dialogs = 0;
        page.Dialog += (_, dialog) =>
        {
            dialogs++;
            _ = dialog.DismissAsync();
        };
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Script);

        await SayAsync(page, Script);
        await SayAsync(page, $"!help {Script}");

        await Expect(Bodies(page)).ToHaveCountAsync(3);
        await Expect(Bodies(page).First).ToHaveTextAsync(Script);
        await Expect(page.Locator(".message b").First).ToHaveTextAsync(Script);
        await Expect(Bodies(page).Last).ToContainTextAsync("There is no command <img");
        await Expect(page.Locator(".message.refused")).ToHaveCountAsync(1);
        (await page.Locator(".body img, .head img, .body script").CountAsync()).ShouldBe(0);
        dialogs.ShouldBe(0);
    }

    [Fact]
    public async Task Another_person_s_lines_and_deletions_appear_by_themselves()
    {
        var channel = await NewChannelAsync();
        var page = await OpenAsync(host.Address, channel);

        var said = await host.Http.PostAsJsonAsync(
            $"/api/v1/sandbox/channels/{channel}/messages",
            new { user_id = "bob", user_name = "Bob", role = "owner", text = "buy now" },
            TestContext.Current.CancellationToken);
        said.EnsureSuccessStatusCode();
        await Expect(page.Locator(".message .head")).ToContainTextAsync("Bob");
        await Expect(page.Locator(".badge.owner")).ToBeVisibleAsync();

        var id = (await page.Locator(".message").GetAttributeAsync("id"))![1..];
        var sender = host.Services.GetServices<ISender>().Single(s => s.Name == "sandbox");
        await sender.SendAsync(
            new DeleteMessage(new ChannelId(Platform.Sandbox, null, channel), $"line-{id}", "Rule 7"), $"delete:{id}", TestContext.Current.CancellationToken);

        await Expect(page.Locator(".message.deleted s")).ToHaveTextAsync("buy now");
        await Expect(page.Locator(".message.deleted .reason")).ToContainTextAsync("Rule 7");
    }

    [Fact]
    public async Task A_lost_connection_comes_back_with_what_was_missed()
    {
        await using var door = new Door(host.Address);
        var channel = await NewChannelAsync();
        var page = await OpenAsync(door.Address, channel);
        await SayAsync(page, "before");
        await Expect(Bodies(page)).ToHaveTextAsync(["before"]);

        door.Shut();
        await Expect(page.Locator("#state")).Not.ToHaveAttributeAsync("data-state", "live");
        var said = await host.Http.PostAsJsonAsync(
            $"/api/v1/sandbox/channels/{channel}/messages",
            new { user_id = "bob", user_name = "Bob", text = "meanwhile" },
            TestContext.Current.CancellationToken);
        said.EnsureSuccessStatusCode();
        door.Open();

        await Expect(page.Locator("#state")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = 20_000 });
        await SayAsync(page, "after");
        await Expect(Bodies(page)).ToHaveTextAsync(["before", "meanwhile", "after"]);
    }

    [Fact]
    public async Task A_wrong_key_says_what_to_do_and_a_right_one_opens()
    {
        var page = await chromium.OpenAsync();
        await page.GotoAsync($"{host.Address}#key=rk_wrong");

        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Paste another one");
        await page.GetByLabel("API key").FillAsync(host.AdminKey);
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");
    }

    [Fact]
    public async Task A_key_that_is_revoked_brings_the_key_screen()
    {
        var (key, secret) = await host.Get<ApiKeys>().CreateAsync(
            "page", [Scopes.Sandbox], null, 0, null, "test", TestContext.Current.CancellationToken);
        var page = await chromium.OpenAsync();
        await page.GotoAsync($"{host.Address}#key={secret}");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");

        await host.Get<ApiKeys>().RevokeAsync(key.Id, TestContext.Current.CancellationToken);

        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("revoked");
    }

    [Fact]
    public async Task A_phone_has_channels_and_person_in_a_drawer()
    {
        var page = await OpenAsync(host.Address, await NewChannelAsync(), 375, 812);
        await Expect(page.GetByLabel("Role")).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Channels and you" }).ClickAsync();
        await page.GetByLabel("Role").SelectOptionAsync("moderator");
        await page.GetByLabel("Name of a new channel").FillAsync("phone corner");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "phone-corner" })).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Role")).ToBeHiddenAsync();
        await SayAsync(page, "here");
        await Expect(page.Locator(".badge.moderator")).ToBeVisibleAsync();
        await NothingSticksOutAsync(page);
    }

    [Fact]
    public async Task Pages_carry_a_policy_that_runs_nothing_foreign()
    {
        using var anybody = host.Client(null);
        foreach (var file in new[] { "", "app.js", "app.css" })
        {
            using var response = await anybody.GetAsync(new Uri($"/{file}", UriKind.Relative), TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
            response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'self';");
            (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("innerHTML");
        }
    }

    public void Dispose() => _errors.ShouldBeEmpty();

    /// <summary>
    /// Opens the printed address in a channel of the test's own. Errors of the page's script fail the test at its end.
    /// </summary>
    private async Task<IPage> OpenAsync(Uri address, string channel, int width = 1280, int height = 800)
    {
        var page = await chromium.OpenAsync(width, height);
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, line) =>
            _errors.AddRange(
                line.Text.Contains("Content Security Policy", StringComparison.Ordinal) ? [line.Text] : []);
        await page.AddInitScriptAsync(
            $"localStorage.getItem('rookery.channel') ?? localStorage.setItem('rookery.channel', '{channel}')");
        await page.GotoAsync($"{address}#key={host.AdminKey}");
        await Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        return page;
    }

    private async Task<string> NewChannelAsync()
    {
        var name = $"c{Guid.NewGuid():N}";
        using var made = await host.Http.PostAsJsonAsync("/api/v1/sandbox/channels", new { name }, TestContext.Current.CancellationToken);
        made.EnsureSuccessStatusCode();
        return name;
    }

    private static ILocator Bodies(IPage page) => page.Locator(".message .body");

    private static async Task SayAsync(IPage page, string text)
    {
        await page.GetByLabel("Your message").FillAsync(text);
        await page.Keyboard.PressAsync("Enter");
    }

    private static async Task NothingSticksOutAsync(IPage page) =>
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
}
