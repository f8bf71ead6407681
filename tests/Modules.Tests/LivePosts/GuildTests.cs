using System.Net;
using Rookery.Modules.LivePosts.Guilds;

namespace Rookery.LivePosts.Tests;

/// <summary>Servers that are called otherwise, look otherwise or belong to somebody else than when the bot came.</summary>
public sealed class GuildTests(LiveHost live) : IClassFixture<LiveHost>
{
    [Fact]
    public async Task A_server_is_known_by_the_name_picture_and_owner_it_has_today()
    {
        const string guild = "770000000000000001";
        await AddAsync(guild, "7708");
        live.Discord.Guilds.SetRoles(guild, "7709", told: true);

        live.Discord.Guilds.Rename(guild, "Renamed", "7709");
        live.Discord.Guilds.SetIcon(guild, "a_1269");

        await TestHost.EventuallyAsync(async () => await KnownAsync(guild) == ("Renamed", "7709", "a_1269"), "it is known");
        var invite = await live.PostAsync($"/api/v1/live/guilds/{guild}/invites", [], HttpStatusCode.Created);
        using var browser = await live.SignedInAsync(("twitch", live.Twitch.Accounts.Add("7701", "guest7701").Id));
        var card = await browser.SendAsync("GET", $"live/invites/{invite["code"]}", null, HttpStatusCode.OK);
        (card["name"]!.GetValue<string>(), card["icon"]!.GetValue<string>()).ShouldBe(("Renamed", "a_1269"));

        live.Discord.Guilds.SetIcon(guild, null);
        await TestHost.EventuallyAsync(async () => await KnownAsync(guild) == ("Renamed", "7709", ""), "the picture is gone");
    }

    [Fact]
    public async Task A_server_that_came_by_its_first_use_gets_its_name()
    {
        const string guild = "780000000000000001";
        await AddAsync(guild, "7808");
        await live.Db.Write.ExecuteAsync($"update live.guilds set name = guild_id, owner_id = null where guild_id = {guild}", LiveHost.Ct);

        await TestHost.EventuallyAsync(async () => await KnownAsync(guild) == ("Before", "7808", ""), "it is known");
    }

    [Fact]
    public async Task Who_owned_a_server_and_does_not_administer_it_any_more_is_told_nothing_of_it()
    {
        const string guild = "790000000000000001";
        await AddAsync(guild, "7908");
        live.Discord.Guilds.SetRoles(guild, "7909", told: true);
        live.Discord.Guilds.Rename(guild, "Sold", "7909");
        await TestHost.EventuallyAsync(async () => await KnownAsync(guild) == ("Sold", "7909", ""), "it is known");

        // As if the change of hands had not been taken over yet.
        await live.Db.Write.ExecuteAsync(
            $"""
            with before as (update live.guilds set owner_id = '7908' where guild_id = {guild} returning guild_id)
            insert into live.guild_config (guild_id, channel_id, message_template, paused_reason, updated_by)
            select guild_id, '1', {"{}"}::jsonb, 'The channel is gone', 'discord:7909' from before
            """,
            LiveHost.Ct);

        await TestHost.EventuallyAsync(() => Task.FromResult(Told("7909") == 1), "who administers it is told");
        Told("7908").ShouldBe(0);
    }

    private int Told(string user) => live.Discord.Ledger.Said(user).Count(t => t.Contains("need you", StringComparison.Ordinal));

    private async Task AddAsync(string guild, string owner)
    {
        live.Discord.Guilds.Add(guild, "Before", owner);
        await TestHost.EventuallyAsync(async () => await live.CountAsync($"select count(*) from live.guilds where guild_id = {guild}") == 1, "known");
        await TestHost.EventuallyAsync(async () => await live.CountAsync($"select count(*) from kernel.servers where server_id = {guild}") == 1, "noted");
    }

    private async Task<(string Name, string Owner, string Icon)?> KnownAsync(string guild)
    {
        await live.Host.Get<KeepGuilds>().RunAsync(LiveHost.Ct);
        return (await live.Db.Write.ListAsync(
            $"select name, coalesce(owner_id, ''), coalesce(icon, '') from live.guilds where guild_id = {guild}",
            r => (r.GetString(0), r.GetString(1), r.GetString(2)),
            LiveHost.Ct))[0];
    }
}
