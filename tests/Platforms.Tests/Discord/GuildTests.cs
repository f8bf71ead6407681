using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class GuildTests(GuildTests.Host bot) : IClassFixture<GuildTests.Host>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private GuildSide Guilds => bot.Discord.Guilds;

    [Fact]
    public async Task A_server_is_joined_once_however_often_it_is_told()
    {
        Guilds.Add("4194304001", "Tea", "77");
        await RowIsAsync("4194304001", ("Tea", "77", true));
        Guilds.Away("4194304001");
        Guilds.Tell("4194304001");
        Guilds.Tell("4194304001");
        bot.Discord.Gateway.Invalidate(resumable: false);
        await TestHost.EventuallyAsync(() => Task.FromResult(bot.Discord.Gateway.Identified > 1), "a new session begins");
        Guilds.Rename("4194304001", "Coffee", "78");
        await RowIsAsync("4194304001", ("Coffee", "78", true));

        bot.Told("4194304001").ShouldBe(["join Tea of 77 as owner"]);
    }

    [Fact]
    public async Task A_server_that_is_left_and_joined_again_is_told_each_time()
    {
        Guilds.Add("4194304002", "Rooks", "77");
        await RowIsAsync("4194304002", ("Rooks", "77", true));
        Guilds.Remove("4194304002");
        await RowIsAsync("4194304002", ("Rooks", "77", false));
        Guilds.Add("4194304002", "Crows", "79");
        await RowIsAsync("4194304002", ("Crows", "79", true));

        bot.Told("4194304002").ShouldBe(["join Rooks of 77 as owner", "leave", "join Crows of 79 as owner"]);
    }

    [Fact]
    public async Task Leaving_and_coming_back_at_once_loses_neither()
    {
        Guilds.Add("4194304003", "Quick", "77");
        Guilds.Remove("4194304003");
        Guilds.Add("4194304003", "Quicker", "77");
        await TestHost.EventuallyAsync(() => Task.FromResult(bot.Told("4194304003").Count == 3), "all three are told");

        await RowIsAsync("4194304003", ("Quicker", "77", true));
        bot.Told("4194304003").ShouldBe(["join Quick of 77 as owner", "leave", "join Quicker of 77 as owner"]);
    }

    [Fact]
    public async Task A_server_the_bot_was_put_out_of_while_it_was_away_is_left_when_the_session_begins()
    {
        Guilds.Add("4194304004", "Gone", "77");
        await RowIsAsync("4194304004", ("Gone", "77", true));
        Guilds.Remove("4194304004", told: false);
        bot.Discord.Gateway.Invalidate(resumable: false);

        await RowIsAsync("4194304004", ("Gone", "77", false));
        bot.Told("4194304004").ShouldBe(["join Gone of 77 as owner", "leave"]);
        await RowIsAsync(DiscordSimulator.GuildId, ("The rookery", DiscordSimulator.OwnerId, true));
    }

    private Task RowIsAsync(string guild, (string, string?, bool) row) => TestHost.EventuallyAsync(
        async () => await bot.Host.Get<Database>().Write.ListAsync(
            $"select name, owner_id, is_active from discord.discord_guilds where guild_id = {guild}",
            r => (r.GetString(0), (string?)r.GetString(1), r.GetBoolean(2)),
            Ct) is [var found] && found == row,
        $"{guild} is {row}");

    /// <summary>A bot that notes which servers it comes into and goes from.</summary>
    public sealed class Host : DiscordHost
    {
        private readonly ConcurrentQueue<(string Guild, string What)> _told = new();

        public Host() => Configure = services => services.AddSingleton(new RegisteredReaction(
            "tests", "1", new ReactionSpec("servers", ["server_join", "server_leave"]), new Noted(_told)));

        public IReadOnlyList<string> Told(string guild) => [.. _told.Where(t => t.Guild == guild).Select(t => t.What)];

        private sealed class Noted(ConcurrentQueue<(string Guild, string What)> told) : IReaction
        {
            public ValueTask<Reply> RunAsync(ReactionCall call, CancellationToken ct)
            {
                told.Enqueue((call.Event.Channel.Server!, call.Event.Fact switch
                {
                    ServerJoined joined => $"join {joined.Name} of {joined.OwnerId} as {call.Member.Role.Name()}",
                    _ => "leave",
                }));
                return ValueTask.FromResult(Reply.None);
            }
        }
    }
}
