using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

/// <summary>Wishes whose role, member or server is not there any more.</summary>
public sealed class WishTests(LiveHost live) : IClassFixture<LiveHost>
{
    private static int _members = 8200;

    [Fact]
    public async Task A_role_that_is_removed_leaves_direct_messages_to_those_who_had_it()
    {
        var streamer = await WithRoleAsync();
        var member = Member();
        using var browser = await live.SignedInAsync(("discord", member));
        await ChooseAsync(browser, streamer, true, HttpStatusCode.OK);

        await live.SendAsync(HttpMethod.Delete, $"{await PathAsync(streamer)}/role", null, HttpStatusCode.NoContent);

        (await WishAsync(browser)).ShouldBe((true, "dm"));
        await live.Twitch.Streams.BeginAsync(streamer.Id, "Hello", "Chess", 1);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Discord.Ledger.Said(member).Any(t => t.Contains(streamer.Login, StringComparison.Ordinal))), "the message is there");
    }

    [Fact]
    public async Task Of_those_who_had_a_removed_role_no_more_get_direct_messages_than_may_and_the_others_see_it()
    {
        var streamer = await WithRoleAsync();
        var id = await live.IdAsync(streamer);
        await live.Db.Write.ExecuteAsync(
            $"""
            with people as (
                insert into live.users (user_id, username) select 'many' || i, 'many' from generate_series(1, 499) i returning user_id)
            insert into live.user_preferences (user_id, guild_id, streamer_id, via, applied)
            select user_id, {LiveHost.Guild}, {id}, 'dm', 1 from people
            """,
            LiveHost.Ct);
        using var first = await live.SignedInAsync(("discord", Member()));
        using var second = await live.SignedInAsync(("discord", Member()));
        await ChooseAsync(first, streamer, true, HttpStatusCode.OK);
        await ChooseAsync(second, streamer, true, HttpStatusCode.OK);

        await live.SendAsync(HttpMethod.Delete, $"{await PathAsync(streamer)}/role", null, HttpStatusCode.NoContent);

        (await WishAsync(first)).ShouldBe((true, "dm"));
        (await WishAsync(second)).ShouldBe((false, "dm"));
    }

    [Fact]
    public async Task A_role_that_could_not_be_changed_does_not_end_the_direct_messages_chosen_meanwhile()
    {
        var streamer = await WithRoleAsync();
        var member = Member();
        using var browser = await live.SignedInAsync(("discord", member));
        live.Discord.Guilds.SetRoles(LiveHost.Guild, DiscordSimulator.BotId, told: false);
        await ChooseAsync(browser, streamer, true, HttpStatusCode.OK);
        await TestHost.EventuallyAsync(
            async () => await live.CountAsync($"select count(*) from live.user_preferences where user_id = {member} and applied = version and change_key is null") == 1,
            "the role is refused");
        live.Discord.Guilds.SetRoles(LiveHost.Guild, DiscordSimulator.BotId, told: false, GuildSide.Bot);

        // As if the member had chosen between the refusal and its being taken in.
        (await live.Db.Write.ExecuteAsync(
            $"""
            update live.user_preferences p set via = 'dm', change_key = o.idempotency_key
            from kernel.outbox o where p.user_id = {member} and o.status = 'failed' and o.entity_id = {$"discord:{LiveHost.Guild}:member:{member}"}
            """,
            LiveHost.Ct)).ShouldBe(1);
        await TestHost.EventuallyAsync(
            async () => await live.CountAsync($"select count(*) from live.user_preferences where user_id = {member} and change_key is null") == 1,
            "the refusal is taken in");

        (await WishAsync(browser)).ShouldBe((true, "dm"));
    }

    [Fact]
    public async Task Who_leaves_gets_no_more_direct_messages_about_the_server()
    {
        await live.ChannelAsync();
        var streamer = await live.FollowAsync();
        var member = Member();
        using var browser = await live.SignedInAsync(("discord", member));
        await ChooseAsync(browser, streamer, true, HttpStatusCode.OK);

        live.Discord.Guilds.Leave(LiveHost.Guild, member);

        await TestHost.EventuallyAsync(async () => await WishAsync(browser) == (false, "dm"), "the wish is off");
    }

    [Fact]
    public async Task Who_left_may_turn_off_what_they_chose_and_turn_on_nothing()
    {
        var streamer = await WithRoleAsync();
        var member = Member();
        using var browser = await live.SignedInAsync(("discord", member));
        using var stranger = await live.SignedInAsync(("discord", "8199"));
        await ChooseAsync(browser, streamer, true, HttpStatusCode.OK);
        live.Discord.Guilds.Leave(LiveHost.Guild, member);
        var path = await PathAsync(streamer);
        await TestHost.EventuallyAsync(
            async () => await browser.StatusAsync($"{path[..path.IndexOf("/streamers", StringComparison.Ordinal)]}/config") == HttpStatusCode.Forbidden,
            "it is known that they left");

        await ChooseAsync(browser, streamer, true, HttpStatusCode.Forbidden);
        await ChooseAsync(browser, streamer, false, HttpStatusCode.OK);
        await ChooseAsync(stranger, streamer, false, HttpStatusCode.Forbidden);

        (await WishAsync(browser)).Enabled.ShouldBeFalse();
    }

    private async Task<TwitchUser> WithRoleAsync()
    {
        await live.ChannelAsync();
        var streamer = await live.FollowAsync();
        await live.SendAsync(HttpMethod.Put, $"{await PathAsync(streamer)}/role", null, HttpStatusCode.OK);
        return streamer;
    }

    private async Task<string> PathAsync(TwitchUser streamer) =>
        $"/api/v1/live/guilds/{LiveHost.Guild}/streamers/{await live.IdAsync(streamer)}";

    private string Member()
    {
        var id = Interlocked.Increment(ref _members).ToString(CultureInfo.InvariantCulture);
        live.Discord.Guilds.SetRoles(LiveHost.Guild, id, told: true);
        return id;
    }

    private async Task ChooseAsync(Browser browser, TwitchUser streamer, bool enabled, HttpStatusCode status) => await browser.SendAsync(
        "PUT",
        $"live/guilds/{LiveHost.Guild}/streamers/{await live.IdAsync(streamer)}/preference",
        new JsonObject { ["enabled"] = enabled },
        status);

    /// <summary>The only wish somebody has.</summary>
    private static async Task<(bool Enabled, string Via)> WishAsync(Browser browser)
    {
        var wish = (await browser.SendAsync("GET", "live/preferences", null, HttpStatusCode.OK))["items"]!.AsArray().ShouldHaveSingleItem()!;
        return (wish["enabled"]!.GetValue<bool>(), wish["via"]!.GetValue<string>());
    }
}
