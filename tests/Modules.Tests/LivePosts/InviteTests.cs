using System.Net;
using System.Text.Json.Nodes;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

public sealed class InviteTests(LiveHost live) : IClassFixture<LiveHost>
{
    private const string Invites = $"/api/v1/live/guilds/{LiveHost.Guild}/invites";
    private static int _people = 7000;

    [Fact]
    public async Task A_streamer_who_is_invited_has_the_own_channel_followed_and_may_change_its_text()
    {
        await live.ChannelAsync();
        var streamer = NewStreamer();
        var invite = await InviteAsync();
        using var browser = await live.SignedInAsync(("twitch", streamer.Id));

        (await browser.SendAsync("GET", $"live/invites/{invite["code"]}", null, HttpStatusCode.OK))["name"]!.GetValue<string>().ShouldBe("The rookery");
        var accepted = await browser.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.OK);

        accepted["streamer"]!.GetValue<string>().ShouldBe(streamer.Login);
        await live.SubscribedAsync(streamer);
        var text = $"live/guilds/{LiveHost.Guild}/streamers/{accepted["streamer_id"]}/message";
        await browser.SendAsync("PUT", text, new JsonObject { ["custom_content"] = "Come and see {streamer_login}, says the streamer" }, HttpStatusCode.OK);
        await live.Twitch.Streams.BeginAsync(streamer.Id, "Hello", "Chess", 1);
        await live.PostedAsync(streamer);
        live.Posts(streamer)[0].ShouldContain("says the streamer");
    }

    [Fact]
    public async Task Nobody_links_a_streamer_without_a_right_or_an_invitation_or_changes_the_text_of_another()
    {
        var user = await live.FollowAsync();
        var stranger = NewStreamer();
        using var member = await live.SignedInAsync(("discord", DiscordSimulator.MemberId), ("twitch", stranger.Id));

        await member.SendAsync(
            "POST", $"live/guilds/{LiveHost.Guild}/streamers", new JsonObject { ["login"] = stranger.Login }, HttpStatusCode.Forbidden);
        await member.SendAsync("POST", $"live/guilds/{LiveHost.Guild}/invites", [], HttpStatusCode.Forbidden);
        await member.SendAsync("POST", "live/invites/0123456789abcdef/accept", null, HttpStatusCode.NotFound);
        var text = $"live/guilds/{LiveHost.Guild}/streamers/{await live.IdAsync(user)}/message";
        await member.SendAsync("GET", text, null, HttpStatusCode.Forbidden);
        await member.SendAsync("PUT", text, new JsonObject { ["custom_content"] = "mine" }, HttpStatusCode.Forbidden);
        using var admin = await live.SignedInAsync(("discord", DiscordSimulator.OwnerId));
        await admin.SendAsync("PUT", text, new JsonObject { ["custom_content"] = new string('x', 2001) }, HttpStatusCode.BadRequest);
        await admin.SendAsync("PUT", text, new JsonObject { ["custom_content"] = "the admin's" }, HttpStatusCode.OK);

        (await live.CountAsync($"select count(*) from live.streamers where twitch_broadcaster_id = {stranger.Id}")).ShouldBe(0);
    }

    [Fact]
    public async Task An_invitation_is_used_as_often_as_it_may_also_by_many_at_once()
    {
        var invite = await InviteAsync(new JsonObject { ["max_uses"] = 3 });
        var browsers = new List<Browser>();
        for (var i = 0; i < 8; i++)
        {
            browsers.Add(await live.SignedInAsync(("twitch", NewStreamer().Id)));
        }

        var statuses = await Task.WhenAll(browsers.Select(b => b.ChangeAsync("POST", $"live/invites/{invite["code"]}/accept")));

        statuses.Count(s => s == HttpStatusCode.OK).ShouldBe(3);
        statuses.Count(s => s == HttpStatusCode.Gone).ShouldBe(5);
        (await live.CountAsync($"select use_count::bigint from live.invite_links where code = {invite["code"]!.GetValue<string>()}")).ShouldBe(3);
        var winner = browsers[Array.IndexOf(statuses, HttpStatusCode.OK)];
        (await winner.ChangeAsync("POST", $"live/invites/{invite["code"]}/accept")).ShouldBe(HttpStatusCode.OK, "who comes again uses none up");
        browsers.ForEach(b => b.Dispose());
    }

    [Fact]
    public async Task An_admin_who_takes_an_invitation_stays_one()
    {
        var streamer = NewStreamer();
        var invite = await InviteAsync();
        using var admin = await live.SignedInAsync(("discord", DiscordSimulator.OwnerId), ("twitch", streamer.Id));

        await admin.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.OK);

        await admin.SendAsync("GET", $"live/guilds/{LiveHost.Guild}/invites", null, HttpStatusCode.OK);
        (await live.Db.Write.ValueAsync<string>(
            $"select added_by from live.guild_streamers where streamer_id = {await live.IdAsync(streamer)}", LiveHost.Ct)).ShouldBe(DiscordSimulator.OwnerId);
    }

    [Fact]
    public async Task An_admin_of_one_server_cannot_take_back_anothers_invitation_and_what_is_taken_back_is_worth_nothing()
    {
        const string other = "710000000000000001";
        live.Discord.Guilds.Add(other, "Another", "88");
        await TestHost.EventuallyAsync(async () => await live.CountAsync($"select count(*) from live.guilds where guild_id = {other}") == 1, "known");
        var invite = await InviteAsync();
        using var stranger = await live.SignedInAsync(("discord", "88"), ("twitch", NewStreamer().Id));

        await stranger.SendAsync("DELETE", $"live/guilds/{other}/invites/{invite["id"]}", null, HttpStatusCode.NotFound);
        await stranger.SendAsync("DELETE", $"live/guilds/{LiveHost.Guild}/invites/{invite["id"]}", null, HttpStatusCode.Forbidden);
        await live.SendAsync(HttpMethod.Delete, $"{Invites}/{invite["id"]}", null, HttpStatusCode.NoContent);

        await stranger.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_invitation_that_expired_says_so_and_wrong_wishes_are_named()
    {
        var invite = await InviteAsync(new JsonObject { ["expires_in_hours"] = 1 });
        await live.Db.Write.ExecuteAsync($"update live.invite_links set expires_at = now() - interval '1 minute' where code = {invite["code"]!.GetValue<string>()}", LiveHost.Ct);
        using var browser = await live.SignedInAsync(("twitch", NewStreamer().Id));

        await browser.SendAsync("GET", $"live/invites/{invite["code"]}", null, HttpStatusCode.Gone);
        await browser.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.Gone);
        (await live.PostAsync(Invites, new JsonObject { ["max_uses"] = -1 }, HttpStatusCode.BadRequest))["errors"]![0]!["field"]!.GetValue<string>().ShouldBe("max_uses");
        (await live.PostAsync(Invites, new JsonObject { ["expires_in_hours"] = 9000 }, HttpStatusCode.BadRequest))["errors"]![0]!["field"]!.GetValue<string>()
            .ShouldBe("expires_in_hours");
    }

    [Fact]
    public async Task A_streamer_who_was_removed_does_not_come_back_by_an_invitation_that_is_used_up()
    {
        var streamer = NewStreamer();
        var invite = await InviteAsync(new JsonObject { ["max_uses"] = 1 });
        using var browser = await live.SignedInAsync(("twitch", streamer.Id));
        var accepted = await browser.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.OK);
        await browser.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.OK);

        await live.SendAsync(
            HttpMethod.Delete, $"/api/v1/live/guilds/{LiveHost.Guild}/streamers/{accepted["streamer_id"]}", null, HttpStatusCode.NoContent);

        await browser.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.Gone);
        (await FollowedAsync(streamer)).ShouldBe(0);
    }

    [Fact]
    public async Task Each_channel_that_one_person_brings_is_a_use_of_its_own()
    {
        var (first, second) = (NewStreamer(), NewStreamer());
        var invite = await InviteAsync(new JsonObject { ["max_uses"] = 1 });
        using (var browser = await live.SignedInAsync(("discord", DiscordSimulator.MemberId), ("twitch", first.Id)))
        {
            await browser.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.OK);
        }

        using var again = await live.SignedInAsync(("discord", DiscordSimulator.MemberId), ("twitch", second.Id));
        await again.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.Gone);

        (await FollowedAsync(first)).ShouldBe(1);
        (await FollowedAsync(second)).ShouldBe(0);
    }

    [Fact]
    public async Task Whoever_has_not_proven_a_channel_is_told_how()
    {
        var invite = await InviteAsync();
        using var browser = await live.SignedInAsync(("discord", DiscordSimulator.MemberId));

        (await browser.SendAsync("POST", $"live/invites/{invite["code"]}/accept", null, HttpStatusCode.Forbidden))["detail"]!.GetValue<string>()
            .ShouldContain("/auth/twitch/login");
    }

    private Task<JsonObject> InviteAsync(JsonObject? wish = null) => live.PostAsync(Invites, wish ?? [], HttpStatusCode.Created);

    private Task<long> FollowedAsync(TwitchUser user) => live.CountAsync(
        $"""
        select count(*) from live.guild_streamers gs join live.streamers s on s.id = gs.streamer_id
        where gs.guild_id = {LiveHost.Guild} and s.twitch_broadcaster_id = {user.Id}
        """);

    private TwitchUser NewStreamer()
    {
        var id = Interlocked.Increment(ref _people).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return live.Twitch.Accounts.Add(id, $"invited{id}");
    }
}
