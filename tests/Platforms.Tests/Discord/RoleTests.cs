using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class RoleTests(DiscordHost bot) : IClassFixture<DiscordHost>
{
    private const string Guild = DiscordSimulator.GuildId;
    private const string Gone = "1299999999999999999";
    private const string Cure = "Manage Roles";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DiscordSimulator Discord => bot.Discord;

    private IServerRoles Roles => bot.Host.Get<IEnumerable<IServerRoles>>().Single(r => r.Platform == Platform.Discord);

    [Fact]
    public async Task A_role_is_made_given_taken_and_removed_and_doing_it_twice_is_as_once()
    {
        var role = (await Roles.MakeAsync(Guild, "Owl is live", "somebody follows", Ct)).Id.ShouldNotBeNull();
        for (var again = 0; again < 2; again++)
        {
            (await SetAsync("42", role, has: true)).ShouldBe(new Sent("42"));
        }

        Discord.Guilds.RolesOf(Guild, "42").ShouldBe([role]);
        (await ShownAsync("42")).ShouldBe(["Owl is live"]);
        for (var again = 0; again < 2; again++)
        {
            (await SetAsync("42", role, has: false)).ShouldBe(new Sent("42"));
        }

        Discord.Guilds.RolesOf(Guild, "42").ShouldBe([]);
        for (var again = 0; again < 2; again++)
        {
            (await Roles.RemoveAsync(Guild, role, "nobody follows", Ct)).ShouldBeNull();
        }

        Discord.Ledger.All.Where(e => e.Text.Contains(role, StringComparison.Ordinal)).Select(e => (e.Kind, e.Text))
            .ShouldBe([("role_made", $"{role} Owl is live"), ("role_given", $"42 {role}"), ("role_taken", $"42 {role}"), ("role_removed", role)]);
        new[] { "somebody follows", "a test: é", "nobody follows" }.ShouldBeSubsetOf(Discord.Rest.Reasons);
    }

    [Fact]
    public async Task A_role_that_is_made_may_do_nothing_can_be_mentioned_and_has_a_name_that_Discord_takes()
    {
        var made = await Roles.MakeAsync(Guild, $" {new string('a', 99)}🐦 ", "a test", Ct);

        var body = JsonNode.Parse(Discord.Rest.Calls.Last(c => c.Path.EndsWith("/roles", StringComparison.Ordinal)).Body)!;
        body.ToJsonString().ShouldBe($$"""{"name":"{{new string('a', 99)}}","permissions":0,"mentionable":true}""");
        var places = await bot.Host.Get<IEnumerable<IServerPlaces>>().Single(p => p.Platform == Platform.Discord).FindAsync(Guild, Ct);
        places!.Roles.Single(r => r.Id == made.Id).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Who_is_gone_has_no_roles_and_can_be_given_none()
    {
        Discord.Guilds.AddRole(Guild, "501", 0);

        (await SetAsync("77", "501", has: false)).Ok.ShouldBeTrue();
        (await SetAsync("77", "501", has: true)).ShouldBe(Sent.Failed("Member 77 is not in the server."));
    }

    [Fact]
    public async Task A_role_that_is_gone_nobody_has_and_nobody_gets()
    {
        (await SetAsync("42", Gone, has: false)).Ok.ShouldBeTrue();
        (await SetAsync("42", Gone, has: true)).ShouldBe(Sent.Failed("The role is gone."));
        (await Roles.RemoveAsync(Guild, Gone, "a test", Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_role_above_the_bots_own_is_refused_with_the_cure()
    {
        Discord.Guilds.AddRole(Guild, "502", 0, position: 20);

        foreach (var has in new[] { true, false })
        {
            var sent = await SetAsync("42", "502", has);
            (sent.Ok, sent.RetryAfter).ShouldBe((false, null));
            sent.Error!.ShouldContain(Cure);
            sent.Error!.ShouldContain("above this role");
        }

        (await Roles.RemoveAsync(Guild, "502", "a test", Ct))!.ShouldContain(Cure);
    }

    [Fact]
    public async Task Without_the_permission_nothing_is_made_given_or_removed_and_the_cure_is_named()
    {
        const string guild = "800000000000000031";
        Discord.Guilds.Add(guild, "Strict", "42");
        Discord.Guilds.AddRole(guild, "503", 0);
        Discord.Guilds.SetPermissions(guild, GuildSide.Bot, 1 << 10);

        (await Roles.MakeAsync(guild, "x", "a test", Ct)).Problem!.ShouldContain(Cure);
        (await Roles.RemoveAsync(guild, "503", "a test", Ct))!.ShouldContain(Cure);
        (await SetAsync("42", "503", has: true, guild)).Error!.ShouldContain(Cure);
    }

    [Fact]
    public async Task A_server_that_is_full_of_roles_and_one_the_bot_is_not_in_say_so()
    {
        const string guild = "800000000000000032";
        Discord.Guilds.Add(guild, "Full", "42");
        for (var i = 3; i < Discord.Roles.Most; i++)
        {
            Discord.Guilds.AddRole(guild, $"6{i}", 0);
        }

        (await Roles.MakeAsync(guild, "x", "a test", Ct)).Problem!.ShouldContain("250 roles");
        (await Roles.MakeAsync("800000000000000033", "x", "a test", Ct)).Problem!.ShouldContain("not in the server");
        (await SetAsync("42", "503", has: true, "800000000000000033")).Error!.ShouldContain("not in the server");
    }

    [Theory]
    [InlineData("..", "42", "1")]
    [InlineData(Guild, "..", "1")]
    [InlineData(Guild, "42", "../../..")]
    public async Task What_is_no_id_is_never_sent(string guild, string user, string role)
    {
        var calls = Discord.Rest.BareCalls.Count;

        (await SetAsync(user, role, has: false, guild)).RetryAfter.ShouldBeNull();

        Discord.Rest.BareCalls.Skip(calls).ShouldAllBe(c => !c.Contains("/roles", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_Discord_fails_it_is_to_be_tried_again()
    {
        Discord.Rest.FailNext(1, 503, text: "Flaky");
        (await Roles.MakeAsync(Guild, "Flaky", "a test", Ct)).ShouldBe(new MadeRole(null, "Discord does not answer now; try again soon."));
    }

    [Fact]
    public async Task While_Discord_is_off_no_role_is_made()
    {
        var roles = new DiscordRoles(Options.Create(new DiscordOptions()), null!);
        (await roles.MakeAsync(Guild, "x", "a test", Ct)).Problem.ShouldBe("Discord is off: Platforms:Discord:BotToken is not set.");
        (await roles.RemoveAsync(Guild, "1", "a test", Ct)).ShouldNotBeNull();
    }

    private Task<Sent> SetAsync(string user, string role, bool has, string guild = Guild) => bot.Host.Get<DiscordSender>().SendAsync(
        new SetMemberRole(Platform.Discord, guild, user, role, has, "a test: é"), $"{user}:{role}:{has}", Ct).AsTask();

    /// <summary>The names of somebody's roles, as a person can look them up.</summary>
    private async Task<IReadOnlyList<string>> ShownAsync(string user)
    {
        using var http = new HttpClient { BaseAddress = Discord.Address };
        var members = JsonNode.Parse(await http.GetStringAsync($"_control/members?guild={Guild}", Ct))!.AsArray();
        return [.. members.Single(m => m!["user"]!.GetValue<string>() == user)!["roles"]!.AsArray().Select(r => r!["name"]!.GetValue<string>())];
    }
}
