using System.Net;
using System.Text.Json.Nodes;
using Rookery.Kernel.Security;
using Rookery.Modules.LivePosts.Api;
using Rookery.Modules.LivePosts.Preferences;
using Rookery.Modules.LivePosts.Roles;
using Rookery.Modules.LivePosts.Streamers;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

public sealed class PreferenceTests(LiveHost live) : IClassFixture<LiveHost>
{
    private static int _members = 6200;

    [Fact]
    public async Task A_member_takes_a_streamers_role_and_drops_it_and_posts_mention_that_role_alone()
    {
        var (streamer, role) = await WithRoleAsync();
        var member = Member();
        using var browser = await live.SignedInAsync(("discord", member));

        await ChooseAsync(browser, streamer, true);
        await HasAsync(member, role, true);
        await live.Twitch.Streams.BeginAsync(streamer.Id, "Hello", "Chess", 1);
        await live.PostedAsync(streamer);
        await ChooseAsync(browser, streamer, false);
        await HasAsync(member, role, false);

        var body = Post(streamer);
        body["content"]!.GetValue<string>().ShouldContain($"<@&{role}>");
        body["allowed_mentions"]!["roles"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldBe([role]);
    }

    [Fact]
    public async Task The_bell_under_a_post_turns_it_on_and_off_and_only_the_member_sees_the_answer()
    {
        var (streamer, role) = await WithRoleAsync();
        var member = Member();
        await live.Twitch.Streams.BeginAsync(streamer.Id, "Hello", "Chess", 1);
        await live.PostedAsync(streamer);
        var button = Post(streamer)["components"]!.AsArray()[^1]!["components"]![0]!["custom_id"]!.GetValue<string>();

        var pressed = await live.Discord.Interactions.PressAsync(LiveHost.Channel, member, button);
        await HasAsync(member, role, true);
        await TestHost.EventuallyAsync(() => Task.FromResult(live.Discord.Interactions.Answer(pressed) is not null), "answered");
        (live.Discord.Interactions.Answer(pressed)!["data"]!["flags"]!.GetValue<int>() & 64).ShouldBe(64);
        await live.Discord.Interactions.PressAsync(LiveHost.Channel, member, button);
        await HasAsync(member, role, false);
    }

    [Fact]
    public async Task A_quick_change_of_mind_ends_with_the_last_wish_also_when_Discord_fails_in_between()
    {
        var (streamer, role) = await WithRoleAsync();
        var member = Member();
        var (guild, followed) = await live.Host.Get<Access>().StreamerAsync(
            LiveHost.Guild, await live.IdAsync(streamer), new Caller(Guid.Empty, "test", new HashSet<string>(), null), LiveHost.Ct);

        live.Discord.Rest.FailNext(2, 503);
        for (var i = 0; i < 5; i++)
        {
            await live.Host.Get<Wishes>().SetAsync(guild!, followed!, new Actor($"discord:{member}", member), i % 2 == 0, null, LiveHost.Ct);
        }

        await SettledAsync(member);
        Roles(member).ShouldContain(role);
    }

    [Fact]
    public async Task Why_a_role_cannot_be_given_stands_there_until_it_can_but_not_that_somebody_left()
    {
        var (streamer, role) = await WithRoleAsync();
        var (guild, followed) = await live.Host.Get<Access>().StreamerAsync(
            LiveHost.Guild, await live.IdAsync(streamer), new Caller(Guid.Empty, "test", new HashSet<string>(), null), LiveHost.Ct);

        BotMayGiveRoles(false);
        var first = Member();
        await WantAsync(first);
        (await ProblemAsync(streamer)).ShouldContain("Manage Roles");

        BotMayGiveRoles(true);
        var member = Member();
        await WantAsync(member);
        await HasAsync(first, role, true);
        await SoundAsync(streamer);

        BotMayGiveRoles(false);
        await WantAsync(member, wanted: false);
        (await ProblemAsync(streamer)).ShouldContain("Manage Roles", customMessage: "also one that cannot be taken");
        BotMayGiveRoles(true);
        await WantAsync(Member());
        await HasAsync(member, role, false);
        await SoundAsync(streamer);

        var gone = Member();
        live.Discord.Guilds.Leave(LiveHost.Guild, gone);
        await WantAsync(gone);
        (await ProblemAsync(streamer)).ShouldBeEmpty();

        async Task WantAsync(string member, bool wanted = true)
        {
            await live.Host.Get<Wishes>().SetAsync(guild!, followed!, new Actor($"discord:{member}", member), wanted, null, LiveHost.Ct);
            await SettledAsync(member);
        }
    }

    [Fact]
    public async Task Roles_that_could_not_be_given_or_taken_are_tried_again_with_one_member_until_that_works_for_all()
    {
        var (streamer, role) = await WithRoleAsync();
        var (muted, others) = (Member(), new[] { Member(), Member() });
        using var first = await live.SignedInAsync(("discord", muted));
        await ChooseAsync(first, streamer, true);
        await HasAsync(muted, role, true);
        BotMayGiveRoles(false);
        await ChooseAsync(first, streamer, false);
        await SettledAsync(muted);
        var meaning = "";
        foreach (var other in others)
        {
            using var browser = await live.SignedInAsync(("discord", other));
            meaning = await ChooseAsync(browser, streamer, true);
            await SettledAsync(other);
        }

        meaning.ShouldContain("as soon as it may");

        var tried = Tries();
        await DueAsync(streamer);
        await TestHost.EventuallyAsync(
            async () => await live.CountAsync(
                $"""
                select count(*) from live.guild_streamers gs where gs.role_id = {role} and gs.role_retry_at > now() and not exists (
                    select from live.user_preferences p
                    where p.streamer_id = gs.streamer_id and (p.applied < p.version or p.change_key is not null))
                """) == 1,
            "it failed again");
        Tries().ShouldBe(tried + 1);
        (await ProblemAsync(streamer)).ShouldContain("Manage Roles");

        BotMayGiveRoles(true);
        await DueAsync(streamer);

        await HasAsync(muted, role, false);
        await Task.WhenAll(others.Select(o => HasAsync(o, role, true)));
        await SoundAsync(streamer);

        int Tries() => live.Discord.Rest.BareCalls.Count(c => c.EndsWith($"/roles/{role}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_role_the_member_gets_a_direct_message_once_and_none_after_a_mute()
    {
        await live.ChannelAsync();
        var streamer = await live.FollowAsync(new JsonObject { ["reannounce_minutes"] = 0 });
        var member = Member();
        using var browser = await live.SignedInAsync(("discord", member));
        await ChooseAsync(browser, streamer, true);

        await live.Twitch.Streams.BeginAsync(streamer.Id, "Hello", "Chess", 1);
        await TestHost.EventuallyAsync(() => Task.FromResult(Direct(member, streamer) == 1), "the direct message is there");
        await ChooseAsync(browser, streamer, false);
        await live.Twitch.Streams.EndAsync(streamer.Id);
        await TestHost.EventuallyAsync(() => Task.FromResult(live.Edits(streamer).Count > 0), "the end is shown");

        // Twitch tells the second, so it has to be another one.
        await Task.Delay(TimeSpan.FromSeconds(1), LiveHost.Ct);
        await live.Twitch.Streams.BeginAsync(streamer.Id, "Again", "Chess", 1);
        await live.PostedAsync(streamer, 2);

        Direct(member, streamer).ShouldBe(1);
    }

    [Fact]
    public async Task Who_takes_no_direct_messages_is_not_written_to_again()
    {
        await live.ChannelAsync();
        var streamer = await live.FollowAsync();
        var member = Member();
        live.Discord.Rest.TakesNone[member] = true;
        using var browser = await live.SignedInAsync(("discord", member));
        await ChooseAsync(browser, streamer, true);

        await live.Twitch.Streams.BeginAsync(streamer.Id, "Hello", "Chess", 1);

        await TestHost.EventuallyAsync(
            async () => await live.CountAsync($"select count(*) from live.user_preferences where user_id = {member} and not notifications_enabled") == 1,
            "the wish is off");
    }

    [Fact]
    public async Task Who_leaves_and_comes_back_gets_the_role_again()
    {
        var (streamer, role) = await WithRoleAsync();
        var member = Member();
        using var browser = await live.SignedInAsync(("discord", member));
        await ChooseAsync(browser, streamer, true);
        await HasAsync(member, role, true);

        live.Discord.Guilds.Leave(LiveHost.Guild, member);
        live.Discord.Guilds.SetRoles(LiveHost.Guild, member, told: true);

        await HasAsync(member, role, true);
    }

    [Fact]
    public async Task A_role_that_somebody_removed_is_made_anew_and_given_to_those_who_want_it()
    {
        var (streamer, role) = await WithRoleAsync();
        var member = Member();
        using var browser = await live.SignedInAsync(("discord", member));
        await ChooseAsync(browser, streamer, true);
        await HasAsync(member, role, true);
        using var removed = await DiscordAsync(HttpMethod.Delete, $"roles/{role}");

        await live.Host.Get<KeepRoles>().LookAsync(LiveHost.Ct);

        var made = await RoleOfAsync(streamer);
        made.ShouldNotBe(role);
        await HasAsync(member, made!, true);
    }

    [Fact]
    public async Task A_streamer_who_is_followed_no_more_leaves_no_role_behind()
    {
        var (streamer, role) = await WithRoleAsync();

        await live.SendAsync(
            HttpMethod.Delete, $"/api/v1/live/guilds/{LiveHost.Guild}/streamers/{await live.IdAsync(streamer)}", null, HttpStatusCode.NoContent);
        await live.Host.Get<KeepRoles>().RunAsync(LiveHost.Ct);

        using var guild = await DiscordAsync(HttpMethod.Get, "");
        (await guild.Content.ReadAsStringAsync(LiveHost.Ct)).ShouldNotContain(role);
        (await live.CountAsync($"select count(*) from live.old_roles where role_id = {role}")).ShouldBe(0);
    }

    [Fact]
    public async Task Only_members_choose_and_the_list_shows_names()
    {
        await live.ChannelAsync();
        var streamer = await live.FollowAsync();
        using var stranger = await live.SignedInAsync(("discord", "6199"));
        using var member = await live.SignedInAsync(("discord", Member()));
        var path = $"live/guilds/{LiveHost.Guild}/streamers/{await live.IdAsync(streamer)}/preference";

        await stranger.SendAsync("PUT", path, new JsonObject { ["enabled"] = false }, HttpStatusCode.Forbidden);
        await member.SendAsync("PUT", path, [], HttpStatusCode.BadRequest);
        await member.SendAsync("PUT", path, new JsonObject { ["enabled"] = true, ["via"] = "role" }, HttpStatusCode.Conflict);
        await member.SendAsync("PUT", path, new JsonObject { ["enabled"] = false }, HttpStatusCode.OK);

        var list = (await member.SendAsync("GET", "live/preferences", null, HttpStatusCode.OK))["items"]!.AsArray();
        list.Single()!["twitch_login"]!.GetValue<string>().ShouldBe(streamer.Login);
        list.Single()!["guild_name"]!.GetValue<string>().ShouldBe("The rookery");
    }

    private async Task<(TwitchUser Streamer, string Role)> WithRoleAsync()
    {
        await live.ChannelAsync();
        var streamer = await live.FollowAsync();
        await live.SendAsync(
            HttpMethod.Put, $"/api/v1/live/guilds/{LiveHost.Guild}/streamers/{await live.IdAsync(streamer)}/role", null, HttpStatusCode.OK);
        return (streamer, (await RoleOfAsync(streamer))!);
    }

    private Task<string?> RoleOfAsync(TwitchUser streamer) => live.Db.Write.ValueAsync<string?>(
        $"""
        select gs.role_id from live.guild_streamers gs join live.streamers s on s.id = gs.streamer_id
        where s.twitch_broadcaster_id = {streamer.Id} and gs.guild_id = {LiveHost.Guild}
        """,
        LiveHost.Ct);

    private JsonObject Post(TwitchUser streamer) => live.Bodies(streamer).First(b => b["content"] is not null);

    private string Member()
    {
        var id = Interlocked.Increment(ref _members).ToString(System.Globalization.CultureInfo.InvariantCulture);
        live.Discord.Guilds.SetRoles(LiveHost.Guild, id, told: true);
        return id;
    }

    /// <returns>What it means, for the person.</returns>
    private async Task<string> ChooseAsync(Browser browser, TwitchUser streamer, bool enabled)
    {
        var answer = await browser.SendAsync(
            "PUT",
            $"live/guilds/{LiveHost.Guild}/streamers/{await live.IdAsync(streamer)}/preference",
            new JsonObject { ["enabled"] = enabled },
            HttpStatusCode.OK);
        return answer["meaning"]!.GetValue<string>();
    }

    /// <summary>Asks the simulated Discord, as another program would.</summary>
    private async Task<HttpResponseMessage> DiscordAsync(HttpMethod method, string path)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(live.Discord.Address, $"api/v10/guilds/{LiveHost.Guild}/{path}".TrimEnd('/')));
        request.Headers.Add("Authorization", $"Bot {live.Discord.Token}");
        var response = await http.SendAsync(request, LiveHost.Ct);
        response.IsSuccessStatusCode.ShouldBeTrue();
        return response;
    }

    private void BotMayGiveRoles(bool may) =>
        live.Discord.Guilds.SetRoles(LiveHost.Guild, DiscordSimulator.BotId, told: false, may ? [GuildSide.Bot] : []);

    private async Task<string> ProblemAsync(TwitchUser streamer)
    {
        var id = await live.IdAsync(streamer);
        return await live.Db.Write.ValueAsync<string>(
            $"select coalesce(role_problem, '') from live.guild_streamers where guild_id = {LiveHost.Guild} and streamer_id = {id}", LiveHost.Ct);
    }

    private Task SoundAsync(TwitchUser streamer) =>
        TestHost.EventuallyAsync(async () => await ProblemAsync(streamer) == "", "nothing is wrong with the role any more");

    /// <summary>What waits to be tried again does so no longer.</summary>
    private async Task DueAsync(TwitchUser streamer)
    {
        var id = await live.IdAsync(streamer);
        (await live.Db.Write.ExecuteAsync(
            $"update live.guild_streamers set role_retry_at = now() where streamer_id = {id} and role_retry_at > now()", LiveHost.Ct)).ShouldBe(1);
    }

    private IReadOnlyList<string> Roles(string member) => live.Discord.Guilds.RolesOf(LiveHost.Guild, member) ?? [];

    private Task HasAsync(string member, string role, bool has) => TestHost.EventuallyAsync(
        () => Task.FromResult(Roles(member).Contains(role, StringComparer.Ordinal) == has), $"{member} {(has ? "has" : "has not")} {role}");

    private Task SettledAsync(string member) => TestHost.EventuallyAsync(
        async () => await live.CountAsync(
            $"select count(*) from live.user_preferences where user_id = {member} and (applied < version or change_key is not null)") == 0,
        "nothing is under way");

    private int Direct(string member, TwitchUser streamer) =>
        live.Discord.Ledger.Said(member).Count(t => t.Contains(streamer.Login, StringComparison.Ordinal));
}
