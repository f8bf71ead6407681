using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Rest;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class PlaceTests(DiscordHost bot) : IClassFixture<DiscordHost>
{
    private const string Guild = DiscordSimulator.GuildId;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private GuildSide Guilds => bot.Discord.Guilds;

    private IInstallPage Page => bot.Host.Get<IEnumerable<IInstallPage>>().Single(p => p.Platform == Platform.Discord);

    [Fact]
    public async Task A_channel_that_denies_the_bot_is_a_problem_until_it_allows_it()
    {
        Guilds.AddChannel(Guild, "611", "shut");
        Guilds.AddChannel(Guild, "612", "open");
        Guilds.SetOverwrites("611", new Simulators.Discord.Overwrite(Guild, Deny: Permissions.ViewChannel));

        (await FindAsync(Guild)).Channels.Where(c => c.Id is "611" or "612").OrderBy(c => c.Id, StringComparer.Ordinal).ShouldBe([
            new Place("611", "shut", "the bot lacks View Channel there (denied to everyone in this channel); allow it for the bot's role."),
            new Place("612", "open")]);

        Guilds.SetOverwrites(
            "611",
            new Simulators.Discord.Overwrite(Guild, Deny: Permissions.ViewChannel),
            new Simulators.Discord.Overwrite(DiscordSimulator.BotId, IsMember: true, Allow: Permissions.ViewChannel));
        (await FindAsync(Guild)).Channels.ShouldAllBe(c => c.Problem == null);
    }

    [Fact]
    public async Task A_role_is_a_problem_where_neither_it_nor_the_bot_may_be_mentioned_with()
    {
        const string guild = "800000000000000041";
        Guilds.Add(guild, "Quiet", "42");
        Guilds.AddRole(guild, "621", 0, mentionable: true);
        Guilds.AddRole(guild, "622", 0);
        (await FindAsync(guild)).Roles.ShouldAllBe(r => r.Problem == null);

        Guilds.SetPermissions(guild, GuildSide.Bot, GuildSide.BotPermissions & ~Permissions.MentionEveryone);

        var roles = (await FindAsync(guild)).Roles;
        roles.Single(r => r.Id == "621").Problem.ShouldBeNull();
        roles.Single(r => r.Id == "622").Problem!.ShouldStartWith("cannot be mentioned: ");
    }

    [Fact]
    public async Task What_Discord_does_not_tell_of_the_bot_is_no_problem()
    {
        const string guild = "800000000000000042";
        Guilds.Add(guild, "Silent", "42");
        Guilds.AddChannel(guild, "631", "shut");
        Guilds.SetOverwrites("631", new Simulators.Discord.Overwrite(guild, Deny: Permissions.ViewChannel));
        (await FindAsync(guild)).Channels.Single().Problem.ShouldNotBeNull();

        Guilds.Leave(guild, DiscordSimulator.BotId);

        (await FindAsync(guild)).Channels.Single().Problem.ShouldBeNull();
    }

    [Fact]
    public async Task The_page_that_lets_the_bot_in_asks_for_what_posts_and_commands_need()
    {
        const string all = "https://discord.com/oauth2/authorize"
            + $"?client_id={DiscordSimulator.BotId}&scope=bot%20applications.commands&permissions=268520448";

        (await Page.AddressAsync(null, Ct))!.AbsoluteUri.ShouldBe(all);
        (await Page.AddressAsync(Guild, Ct))!.AbsoluteUri.ShouldBe($"{all}&guild_id={Guild}&disable_guild_select=true");
        (await Page.AddressAsync("1&permissions=8", Ct))!.AbsoluteUri.ShouldBe(all);
    }

    [Fact]
    public async Task There_is_no_such_page_while_Discord_is_off() =>
        (await new DiscordInstallPage(Options.Create(new DiscordOptions()), null!).AddressAsync(null, Ct)).ShouldBeNull();

    [Fact]
    public async Task Whoever_follows_the_page_lets_the_bot_in_and_it_may_post_there()
    {
        const string guild = "800000000000000043";
        var options = new DiscordOptions { BotToken = bot.Discord.Token, AuthorizeUrl = new Uri(bot.Discord.Address, "oauth2/authorize") };
        var page = new DiscordInstallPage(Options.Create(options), bot.Host.Get<DiscordRest>());
        using var http = new HttpClient();

        (await http.GetStringAsync(await page.AddressAsync(guild, Ct), Ct)).ShouldBe($"The bot is in the server {guild}.");

        Guilds.AddChannel(guild, "641", "general");
        (await FindAsync(guild)).Channels.ShouldBe([new Place("641", "general")]);
    }

    private async Task<ServerPlaces> FindAsync(string guild) =>
        (await bot.Host.Get<IEnumerable<IServerPlaces>>().Single(p => p.Platform == Platform.Discord).FindAsync(guild, Ct)).ShouldNotBeNull();
}
