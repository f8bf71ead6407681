using System.Net;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Privacy;
using Rookery.Simulators.Discord;

namespace Rookery.LivePosts.Tests;

public sealed class RightTests(LiveHost live) : IClassFixture<LiveHost>
{
    private const string Config = $"live/guilds/{LiveHost.Guild}/config";

    [Fact]
    public async Task The_owner_changes_settings_members_read_them_and_strangers_do_not()
    {
        using var owner = await live.SignedInAsync(("discord", DiscordSimulator.OwnerId));
        using var member = await live.SignedInAsync(("discord", DiscordSimulator.MemberId));
        using var stranger = await live.SignedInAsync(("discord", "4711"));
        var config = await owner.SendAsync("GET", Config, null, HttpStatusCode.OK);
        var wish = new JsonObject
        {
            ["channel_id"] = LiveHost.Channel,
            ["version"] = config["version"]!.DeepClone(),
        };

        await stranger.SendAsync("GET", Config, null, HttpStatusCode.Forbidden);
        await member.SendAsync("GET", Config, null, HttpStatusCode.OK);
        await member.SendAsync("PUT", Config, wish, HttpStatusCode.Forbidden);
        await member.SendAsync("GET", $"live/guilds/{LiveHost.Guild}/notifications", null, HttpStatusCode.Forbidden);
        await owner.SendAsync("PUT", Config, wish, HttpStatusCode.OK);

        (await live.Db.Write.ValueAsync<string>(
            $"select user_id from kernel.audit_log where action = 'live.update_config' order by id desc limit 1", LiveHost.Ct))
            .ShouldBe($"discord:{DiscordSimulator.OwnerId}");
    }

    [Fact]
    public async Task Who_loses_the_right_or_leaves_may_do_nothing_any_more()
    {
        const string user = "4712";
        live.Discord.Guilds.SetPermissions(LiveHost.Guild, GuildSide.Moderators, 0x20);
        live.Discord.Guilds.SetRoles(LiveHost.Guild, user, told: true, GuildSide.Moderators);
        using var browser = await live.SignedInAsync(("discord", user));
        await BecomesAsync(browser, $"live/guilds/{LiveHost.Guild}/notifications", HttpStatusCode.OK);

        live.Discord.Guilds.SetRoles(LiveHost.Guild, user, told: true);
        await BecomesAsync(browser, $"live/guilds/{LiveHost.Guild}/notifications", HttpStatusCode.Forbidden);

        await BecomesAsync(browser, Config, HttpStatusCode.OK);
        live.Discord.Guilds.Leave(LiveHost.Guild, user);
        await BecomesAsync(browser, Config, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Signing_in_notes_the_person_and_makes_no_server()
    {
        var before = await live.CountAsync($"select count(*) from live.guilds");
        using var browser = await live.SignedInAsync(("discord", DiscordSimulator.MemberId));

        (await live.CountAsync($"select count(*) from live.guilds")).ShouldBe(before);
        (await live.CountAsync(
            $"select count(*) from live.users where user_id = {DiscordSimulator.MemberId} and username = 'Ada' and last_login is not null")).ShouldBe(1);
    }

    [Fact]
    public async Task A_person_can_take_along_and_erase_what_is_known_here()
    {
        const string user = "4713";
        live.Discord.Guilds.SetRoles(LiveHost.Guild, user, told: true);
        var streamer = await live.FollowAsync();
        using var browser = await live.SignedInAsync(("discord", user));
        await browser.SendAsync(
            "PUT", $"live/guilds/{LiveHost.Guild}/streamers/{await live.IdAsync(streamer)}/preference", new JsonObject { ["enabled"] = true }, HttpStatusCode.OK);
        var data = live.Host.Services.GetService(typeof(IEnumerable<IPersonalData>)) as IEnumerable<IPersonalData>;
        var own = data!.Single(d => d.Name == "live_posts");

        var told = (await own.ExportAsync(live.Db.Write, Platform.Discord, user, LiveHost.Ct)).ToJsonString();
        await own.EraseAsync(live.Db.Write, Platform.Discord, user, LiveHost.Ct);

        told.ShouldContain("notifications_enabled");
        (await own.ExportAsync(live.Db.Write, Platform.Discord, user, LiveHost.Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task No_token_of_a_streamer_is_stored_anywhere()
    {
        var streamer = await live.FollowAsync();
        using var browser = await live.SignedInAsync(("twitch", streamer.Id));

        (await live.CountAsync(
            $"select count(*) from live.streamers where twitch_access_token is not null or twitch_refresh_token is not null")).ShouldBe(0);
        (await live.CountAsync($"select count(*) from twitch.twitch_tokens where user_id = {streamer.Id}")).ShouldBe(0);
    }

    [Fact]
    public async Task The_bot_is_let_in_with_the_least_rights_that_posts_need()
    {
        using var browser = await live.SignedInAsync(("discord", DiscordSimulator.OwnerId));

        var url = new Uri((await browser.SendAsync("GET", $"live/install?guild_id={LiveHost.Guild}", null, HttpStatusCode.OK))["url"]!.GetValue<string>());
        var query = System.Web.HttpUtility.ParseQueryString(url.Query);

        query["guild_id"].ShouldBe(LiveHost.Guild);
        query["client_id"].ShouldBe(DiscordSimulator.BotId);
        query["scope"].ShouldBe("bot applications.commands");
        (ulong.Parse(query["permissions"]!, System.Globalization.CultureInfo.InvariantCulture) & 0x8).ShouldBe(0UL, "no administrator");
    }

    private static Task BecomesAsync(Browser browser, string path, HttpStatusCode status) => TestHost.EventuallyAsync(
        async () => await browser.StatusAsync($"/api/v1/{path}") == status, $"{path} answers {status}");
}
