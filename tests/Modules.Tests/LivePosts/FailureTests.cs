using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Privacy;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Simulators.Discord;

namespace Rookery.LivePosts.Tests;

public sealed class FailureTests(LiveHost live) : IClassFixture<LiveHost>
{
    [Fact]
    public async Task A_channel_the_bot_cannot_post_in_is_refused_before_it_is_saved_with_what_is_missing()
    {
        const string closed = "600000000000000077";
        live.Discord.Guilds.AddChannel(LiveHost.Guild, closed, "closed");
        live.Discord.Guilds.SetOverwrites(closed, new Overwrite(LiveHost.Guild, Deny: 1UL << 11));
        var config = await live.GetAsync($"/api/v1/live/guilds/{LiveHost.Guild}/config");

        var problem = await live.SendAsync(
            HttpMethod.Put,
            $"/api/v1/live/guilds/{LiveHost.Guild}/config",
            new JsonObject { ["channel_id"] = closed, ["version"] = config["version"]!.DeepClone() },
            HttpStatusCode.BadRequest);

        problem["errors"]![0]!["field"]!.GetValue<string>().ShouldBe("channel_id");
        problem["detail"]!.GetValue<string>().ShouldContain("Send Messages");
    }

    [Fact]
    public async Task A_server_does_not_begin_with_a_channel_in_which_nothing_can_be_posted()
    {
        const string other = "760000000000000001";
        const string closed = "760000000000000002";
        live.Twitch.Accounts.Add("5101", "unheard");
        await AddAsync(other, "7608", null);
        live.Discord.Guilds.AddChannel(other, closed, "closed");
        live.Discord.Guilds.SetOverwrites(closed, new Overwrite(GuildSide.Bot, Deny: 1UL << 11));

        (await SayAsync(other, closed, "7608", "!live add unheard")).ShouldContain("the bot lacks Send Messages there");
        (await SayAsync(other, "760000000000000003", "7608", "!live add unheard")).ShouldContain("no text channel of this server");
        (await live.CountAsync($"select count(*) from live.guild_config where guild_id = {other}")).ShouldBe(0);
        (await live.CountAsync($"select count(*) from live.guild_streamers where guild_id = {other}")).ShouldBe(0);

        live.Discord.Guilds.SetOverwrites(closed);
        (await SayAsync(other, closed, "7608", "!live add unheard")).ShouldContain($"unheard is followed; posts go to {closed}");
    }

    [Theory]
    [InlineData("730000000000000001", true, "The channel is gone", "They are paused: The channel is gone")]
    [InlineData("740000000000000001", false, "lacks a permission", "the bot lacks Send Messages there")]
    public async Task A_post_that_may_not_be_made_pauses_that_server_alone_and_its_admins_are_told_once_a_day(
        string other, bool isGone, string reason, string explained)
    {
        var (theirs, owner) = ($"{other}9", $"{other}8");
        await AddAsync(other, owner, theirs);
        await live.ChannelAsync();
        var streamer = await live.FollowAsync();
        await live.PostAsync($"/api/v1/live/guilds/{other}/streamers", new JsonObject { ["login"] = streamer.Login }, HttpStatusCode.Created);
        if (isGone)
        {
            live.Discord.Guilds.RemoveChannel(theirs);
        }
        else
        {
            live.Discord.Guilds.SetOverwrites(theirs, new Overwrite(GuildSide.Bot, Deny: 1UL << 11));
        }

        await live.Twitch.Streams.BeginAsync(streamer.Id, "Hello", "Chess", 1);

        await live.PostedAsync(streamer);
        await TestHost.EventuallyAsync(() => Task.FromResult(Told(owner).Count == 1), "the owner is told");
        Told(owner)[0].ShouldContain(reason);
        Told(owner)[0].ShouldContain(explained);
        (await live.LogAsync(streamer, other)).ShouldHaveSingleItem().Reason.ShouldContain(reason);
        (await PausedAsync(other)).ShouldBeTrue();
        (await PausedAsync(LiveHost.Guild)).ShouldBeFalse();
        await live.Host.Get<TellAdmins>().RunAsync(LiveHost.Ct);
        Told(owner).Count.ShouldBe(1);
        Told(DiscordSimulator.OwnerId).ShouldBeEmpty();

        await live.Db.Write.ExecuteAsync($"update live.guild_config set told_at = told_at - interval '25 hours'", LiveHost.Ct);
        await TestHost.EventuallyAsync(() => Task.FromResult(Told(owner).Count == 2), "the owner is told again a day later");
        if (!isGone)
        {
            (await SayAsync(other, theirs, owner, "!live resume")).ShouldContain("Posts stay paused until that is mended.");
            (await PausedAsync(other)).ShouldBeTrue();
        }

        live.Discord.Guilds.SetOverwrites(theirs);
        await live.ConfigureAsync(new JsonObject { ["channel_id"] = theirs }, other);
        (await PausedAsync(other)).ShouldBeFalse("saving lets it go on");
    }

    [Fact]
    public async Task What_is_old_goes_and_a_server_that_cannot_post_is_archived_until_somebody_uses_it()
    {
        const string idle = "750000000000000001";
        await AddAsync(idle, "98", null);
        await live.ChannelAsync();
        var waiting = await live.FollowAsync();
        await live.Db.Write.ExecuteAsync(
            $"update live.guilds set created_at = created_at - interval '100 days'", LiveHost.Ct);
        await live.Db.Write.ExecuteAsync($"update live.guild_config set updated_at = updated_at - interval '100 days'", LiveHost.Ct);

        await live.Host.Get<ArchiveGuilds>().RunAsync(LiveHost.Ct);

        (await ArchivedAsync(idle)).ShouldBeTrue();
        (await ArchivedAsync(LiveHost.Guild)).ShouldBeFalse("it waits for a streamer who is rarely live");
        await live.PostAsync($"/api/v1/live/guilds/{idle}/streamers", new JsonObject { ["login"] = waiting.Login }, HttpStatusCode.Created);
        (await ArchivedAsync(idle)).ShouldBeFalse("somebody uses it");
    }

    [Fact]
    public async Task The_log_is_kept_for_thirty_days_and_a_subscription_stands_once()
    {
        await live.ChannelAsync();
        var streamer = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(streamer.Id, "Old", "Chess", 1);
        await live.LoggedAsync(streamer, "sent");
        await live.Db.Write.ExecuteAsync($"update live.notification_log set sent_at = sent_at - interval '31 days'", LiveHost.Ct);

        var tables = live.Host.Get<AgedTables>();
        foreach (var table in tables.All.Where(t => t.Table.StartsWith("live.", StringComparison.Ordinal)))
        {
            await tables.SweepAsync(table, LiveHost.Ct);
        }

        (await live.LogAsync(streamer)).ShouldBeEmpty();
        (await live.CountAsync(
            $"""
            select count(*) from (
                select 1 from live.eventsub_subscriptions group by streamer_id, type having count(*) > 1) twice
            """)).ShouldBe(0);
    }

    private async Task AddAsync(string guild, string owner, string? channel)
    {
        live.Discord.Guilds.Add(guild, "Another", owner);
        await TestHost.EventuallyAsync(async () => await live.CountAsync($"select count(*) from live.guilds where guild_id = {guild}") == 1, "known");
        if (channel is not null)
        {
            live.Discord.Guilds.AddChannel(guild, channel, "streams");
            await live.ConfigureAsync(new JsonObject { ["channel_id"] = channel }, guild);
        }
    }

    /// <returns>What the server answers to an admin's words.</returns>
    private async Task<string> SayAsync(string guild, string channel, string user, string text)
    {
        using var answer = await live.Host.Http.PostAsJsonAsync(
            "/api/v1/events",
            new
            {
                platform = "discord",
                server_id = guild,
                channel_id = channel,
                message_type = "chatMessage",
                user_id = user,
                user_name = user,
                user_role = "admin",
                message_content = text,
            },
            LiveHost.Ct);
        return await answer.Content.ReadAsStringAsync(LiveHost.Ct);
    }

    private IReadOnlyList<string> Told(string user) =>
        [.. live.Discord.Ledger.Said(user).Where(t => t.Contains("need you", StringComparison.Ordinal))];

    private Task<bool> PausedAsync(string guild) =>
        live.Db.Write.ValueAsync<bool>($"select paused_reason is not null from live.guild_config where guild_id = {guild}", LiveHost.Ct);

    private Task<bool> ArchivedAsync(string guild) =>
        live.Db.Write.ValueAsync<bool>($"select archived_at is not null from live.guilds where guild_id = {guild}", LiveHost.Ct);
}
