using System.Net;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Rest;
using Rookery.Platforms.Discord.SignIn;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.SignIn;

public sealed class GuildRightTests(SignInHost host) : IClassFixture<SignInHost>
{
    private const string Admins = $"/api/v1/probe/{SignInHost.Guild}/admin";
    private const string Members = $"/api/v1/probe/{SignInHost.Guild}/member";
    private const ulong Administrator = 0x8;
    private const ulong ManageGuild = 0x20;
    private const ulong ManageMessages = 0x2000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SignInHost.Owner, 200, 200)]
    [InlineData(SignInHost.Member, 403, 200)]
    [InlineData(SignInHost.Stranger, 403, 403)]
    public async Task The_owner_may_administer_members_may_look_and_strangers_neither(string user, int admin, int member)
    {
        using var browser = await host.SignedInAsync(user);
        for (var again = 0; again < 2; again++)
        {
            ((int)await browser.StatusAsync(Admins)).ShouldBe(admin);
            ((int)await browser.StatusAsync(Members)).ShouldBe(member);
        }
    }

    [Fact]
    public async Task An_admin_acts_under_their_own_name_in_the_servers_community()
    {
        using var browser = await host.SignedInAsync(SignInHost.Owner);
        using var response = await browser.GetAsync(Admins);
        (await response.Content.ReadAsStringAsync(Ct)).ShouldBe($"discord:{SignInHost.Owner} in {await CommunityAsync()}");
        (await browser.ChangeAsync("POST", Admins["/api/v1/".Length..], csrf: null)).ShouldBe(HttpStatusCode.Forbidden);
        (await browser.ChangeAsync("POST", Admins["/api/v1/".Length..])).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_right_comes_and_goes_with_roles_at_once()
    {
        const string user = "61";
        host.Discord.Guilds.SetRoles(SignInHost.Guild, user, told: true, GuildSide.Moderators);
        using var browser = await host.SignedInAsync(user);
        (await browser.StatusAsync(Admins)).ShouldBe(HttpStatusCode.Forbidden);

        foreach (var permissions in new[] { Administrator, ManageGuild })
        {
            host.Discord.Guilds.SetPermissions(SignInHost.Guild, GuildSide.Moderators, permissions);
            await BecomesAsync(browser, HttpStatusCode.OK);
            host.Discord.Guilds.SetPermissions(SignInHost.Guild, GuildSide.Moderators, ManageMessages);
            await BecomesAsync(browser, HttpStatusCode.Forbidden);
        }

        host.Discord.Guilds.SetPermissions(SignInHost.Guild, GuildSide.Moderators, ManageGuild);
        await BecomesAsync(browser, HttpStatusCode.OK);
        host.Discord.Guilds.SetRoles(SignInHost.Guild, user, told: true);
        await BecomesAsync(browser, HttpStatusCode.Forbidden);
        host.Discord.Guilds.SetRoles(SignInHost.Guild, user, told: true, GuildSide.Moderators);
        await BecomesAsync(browser, HttpStatusCode.OK);
        host.Discord.Guilds.Leave(SignInHost.Guild, user);
        await BecomesAsync(browser, HttpStatusCode.Forbidden);
        (await browser.StatusAsync(Members)).ShouldBe(HttpStatusCode.Forbidden);
        host.Discord.Guilds.SetPermissions(SignInHost.Guild, GuildSide.Moderators, ManageMessages);
    }

    [Fact]
    public async Task A_right_that_was_lost_unheard_is_gone_within_a_minute()
    {
        const string user = "62";
        const string role = "told-nobody";
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        var admins = new GuildAdmins(host.Host.Get<GuildRows>(), host.Host.Get<DiscordRest>(), host.Host.Get<ChangeFeed>(), clock);
        host.Discord.Guilds.AddRole(SignInHost.Guild, role, ManageGuild);
        host.Discord.Guilds.SetRoles(SignInHost.Guild, user, told: false, role);
        (await admins.FindAsync(SignInHost.Guild, user, Ct))!.Standing.ShouldBe(Standing.Admin);

        host.Discord.Guilds.SetRoles(SignInHost.Guild, user, told: false);
        clock.Advance(IServerAdmins.Keep);

        (await admins.FindAsync(SignInHost.Guild, user, Ct))!.Standing.ShouldBe(Standing.Member);
    }

    [Fact]
    public async Task When_Discord_does_not_tell_nobody_may_and_it_is_asked_again()
    {
        const string user = "63";
        host.Discord.Guilds.SetRoles(SignInHost.Guild, user, told: false);
        using var browser = await host.SignedInAsync(user);
        host.Discord.Rest.FailNext(2, 503);

        (await browser.StatusAsync(Members)).ShouldBe(HttpStatusCode.ServiceUnavailable);

        host.Discord.Rest.FailNext(0, 503);
        (await browser.StatusAsync(Members)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_server_the_bot_is_not_in_is_not_known_and_Discord_is_not_asked()
    {
        using var browser = await host.SignedInAsync(SignInHost.Owner);
        var invalid = host.Discord.Rest.Invalid;
        foreach (var guild in new[] { "800000000000000099", "abc", "..", "99999999999999999999999" })
        {
            (await browser.StatusAsync($"/api/v1/probe/{guild}/admin")).ShouldBe(HttpStatusCode.NotFound, guild);
        }

        host.Discord.Rest.Invalid.ShouldBe(invalid);
    }

    [Fact]
    public async Task A_key_keeps_to_the_servers_of_its_community()
    {
        var own = await CommunityAsync();
        foreach (var (community, scope, path, status) in new (long?, string, string, int)[]
        {
            (own, Scopes.CommandsRead, Admins, 200),
            (null, Scopes.CommandsRead, Admins, 200),
            (1, Scopes.CommandsRead, Admins, 404),
            (own, Scopes.AuditRead, Admins, 403),
            (null, Scopes.CommandsRead, "/api/v1/probe/800000000000000099/admin", 404),
        })
        {
            var (_, secret) = await host.Host.Get<ApiKeys>().CreateAsync("test", [scope], community, 0, null, "test", Ct);
            using var client = host.Host.Client(secret);
            using var response = await client.GetAsync(path, Ct);
            ((int)response.StatusCode).ShouldBe(status, $"{community} {scope} {path}");
        }
    }

    [Fact]
    public async Task A_Twitch_channel_is_its_broadcasters_and_their_moderators()
    {
        const string channel = $"/api/v1/probe/twitch/{SignInHost.Streamer}";
        var accounts = host.Twitch.Accounts;
        using var discord = await host.SignedInAsync(SignInHost.Owner);
        using var streamer = host.Browser();
        using var viewer = host.Browser();
        using var moderator = host.Browser();
        (await streamer.SignInAsync("twitch", SignInHost.Streamer)).Dispose();
        (await viewer.SignInAsync("twitch", SignInHost.Viewer)).Dispose();
        (await moderator.SignInAsync("twitch", "201")).Dispose();
        (await streamer.StatusAsync(channel)).ShouldBe(HttpStatusCode.NotFound, "the bot is not there");

        await ServeAsync();
        accounts.Moderators[(SignInHost.Streamer, "201")] = true;

        (await streamer.StatusAsync(channel)).ShouldBe(HttpStatusCode.OK);
        (await moderator.StatusAsync(channel)).ShouldBe(HttpStatusCode.OK);
        (await viewer.StatusAsync(channel)).ShouldBe(HttpStatusCode.Forbidden);
        (await discord.StatusAsync(channel)).ShouldBe(HttpStatusCode.Forbidden, "not signed in with Twitch");
    }

    /// <summary>The broadcaster lets the bot in, and somebody talks there.</summary>
    private async Task ServeAsync()
    {
        using var added = await host.Host.Http.PostAsync(
            "/api/v1/twitch/channels", new StringContent("""{"login": "streamer"}""", System.Text.Encoding.UTF8, "application/json"), Ct);
        added.StatusCode.ShouldBe(HttpStatusCode.Created);
        host.Twitch.Accounts.LogsIn = SignInHost.Streamer;
        using var browser = new HttpClient();
        using var login = await browser.GetAsync(new Uri(host.Host.Address, "/platforms/twitch/login?as=channel"), Ct);
        login.StatusCode.ShouldBe(HttpStatusCode.OK);
        await host.Host.Get<Kernel.Communities.EntityDirectory>().ResolveAsync(
            new Kernel.Chat.ChannelId(Kernel.Chat.Platform.Twitch, null, SignInHost.Streamer), Ct);
    }

    private static Task BecomesAsync(Browser browser, HttpStatusCode status) => TestHost.EventuallyAsync(
        async () => await browser.StatusAsync(Admins) == status, $"the answer becomes {status}");

    private Task<long> CommunityAsync() => host.Host.Get<Database>().Write.ValueAsync<long>(
        $"select community_id from kernel.community_servers where platform = 'discord' and server_id = {SignInHost.Guild}", Ct);
}
