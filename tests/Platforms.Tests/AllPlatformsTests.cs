using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Rookery.Kernel.Data;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Slack;
using Rookery.Simulators.Twitch;

namespace Rookery.Platforms.Tests;

/// <summary>One server on all three platforms.</summary>
public sealed class AllPlatformsTests(AllPlatformsTests.Everywhere bot) : IClassFixture<AllPlatformsTests.Everywhere>
{
    private static readonly string[] Platforms = ["discord", "slack", "twitch"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Talk_on_every_platform_comes_to_the_router_which_answers_it_there()
    {
        await bot.SayAsync("!ping");

        await bot.SaysAsync("Pong!");
    }

    [Fact]
    public async Task What_was_answered_on_any_platform_is_recorded_as_done_and_never_as_an_error()
    {
        await bot.SayAsync("!memories search \"recorded\"");
        await TestHost.EventuallyAsync(
            async () => (await RowsAsync()).Count == Platforms.Length, "each platform's command has its row");

        (await RowsAsync()).ShouldBe([.. Platforms.Select(p => (p, "success", "sent"))]);
    }

    private Task<IReadOnlyList<(string, string, string)>> RowsAsync() => bot.Host.Get<Database>().Write.ListAsync(
        $"""
        select platform, status, delivery from router.command_executions
        where message_content like '%recorded%' and status <> 'pending' and delivery is not null order by 1
        """,
        r => (r.GetString(0), r.GetString(1), r.GetString(2)),
        Ct);

    public sealed class Everywhere : IAsyncLifetime
    {
        private const string Bot = "900";
        private const string Streamer = "100";
        private readonly DiscordSimulator _discord = new();
        private readonly SlackSimulator _slack = new();
        private readonly TwitchSimulator _twitch = new();

        public TestHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await _discord.StartAsync(0, Ct);
            await _slack.StartAsync(0, Ct);
            await _twitch.StartAsync(0, Ct);
            _slack.AddUser(new SlackUser("U1", "Ada"));
            _twitch.Accounts.Add(Bot, "rookerybot");
            _twitch.Accounts.Add(Streamer, "streamer");
            Host = new TestHost
            {
                Settings = new Dictionary<string, string?>(_twitch.Settings(Bot), StringComparer.Ordinal)
                {
                    ["Platforms:Discord:BotToken"] = _discord.Token,
                    ["Platforms:Discord:ApiBaseUrl"] = $"{_discord.Address}api/v10/",
                    ["Platforms:Slack:ApiBaseUrl"] = new Uri(_slack.Address, "api/").AbsoluteUri,
                    ["Platforms:Slack:BotToken"] = _slack.BotToken,
                    ["Platforms:Slack:AppToken"] = _slack.AppToken,
                    ["Platforms:Twitch:ReconcileEvery"] = "00:00:01",
                    ["Coordination:Period"] = "00:00:00.300",
                },
            };
            await Host.InitializeAsync();
            Host.Get<IConfiguration>()["PublicBaseUrl"] = Host.Address.AbsoluteUri;
            _twitch.Accounts.LogsIn = Bot;
            using var browser = new HttpClient();
            using var login = await browser.GetAsync(new Uri(Host.Address, "/platforms/twitch/login?as=bot"), Ct);
            using var added = await Host.Http.PostAsJsonAsync("/api/v1/twitch/channels", new { login = "streamer" }, Ct);
            (login.IsSuccessStatusCode && added.IsSuccessStatusCode).ShouldBeTrue();
            await TestHost.EventuallyAsync(
                () => Task.FromResult(_discord.Gateway.Identified > 0 && _slack.Sockets > 0
                    && _twitch.Events.Enabled.Any(s => s.Type == "channel.chat.message")),
                "all platforms are connected");
        }

        public async Task SayAsync(string text)
        {
            _discord.Say("D1", "42", text);
            await _slack.SayAsync("C1", "U1", text, null, Ct);
            await _twitch.Chat.SayAsync(Streamer, "200", text);
        }

        public Task SaysAsync(string answer) => TestHost.EventuallyAsync(
            () => Task.FromResult(new[] { _discord.Ledger.Said("D1"), _slack.Ledger.Said("C1"), _twitch.Ledger.Said(Streamer) }
                .All(said => said.Count(s => s.Contains(answer, StringComparison.Ordinal)) == 1)),
            $"{answer} is said once on each");

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await _discord.DisposeAsync();
            await _slack.DisposeAsync();
            await _twitch.DisposeAsync();
        }
    }
}
