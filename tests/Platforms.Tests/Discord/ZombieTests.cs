namespace Rookery.Platforms.Tests.Discord;

public sealed class ZombieTests
{
    [Fact]
    public async Task A_connection_whose_heartbeats_find_no_answer_is_given_up_and_the_session_resumed()
    {
        await using var bot = new DiscordHost { Prepare = d => d.Gateway.HeartbeatInterval = TimeSpan.FromMilliseconds(300) };
        await bot.InitializeAsync();

        bot.Discord.Gateway.Deaf = true;
        await TestHost.EventuallyAsync(() => Task.FromResult(bot.Discord.Gateway.Resumed > 0), "the session is resumed");
        bot.Discord.Gateway.Deaf = false;

        bot.Discord.Say("zombie", "42", "!ping");
        await bot.SaidAsync("zombie", "Pong!");
    }

    [Fact]
    public async Task A_session_whose_address_for_resuming_is_gone_is_resumed_at_the_other()
    {
        await using var bot = new DiscordHost { Prepare = d => d.Gateway.ResumeAt = new Uri("ws://127.0.0.1:1/gateway") };
        await bot.InitializeAsync();

        bot.Discord.Gateway.Drop();
        bot.Discord.Say("gone", "42", "!ping");

        await bot.SaidAsync("gone", "Pong!");
        bot.Discord.Gateway.Identified.ShouldBe(1);
    }

    [Fact]
    public async Task A_shard_that_waits_for_its_turn_to_identify_holds_no_connection_meanwhile()
    {
        await using var discord = new Simulators.Discord.DiscordSimulator();
        await discord.StartAsync(0, TestContext.Current.CancellationToken);
        discord.Gateway.SessionsLeft = 0;
        await using var host = new TestHost
        {
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Platforms:Discord:BotToken"] = discord.Token,
                ["Platforms:Discord:ApiBaseUrl"] = $"{discord.Address}api/v10/",
            },
        };
        await host.InitializeAsync();

        // Once at the start, and once for the shard's turn, which comes tomorrow.
        await TestHost.EventuallyAsync(() => Task.FromResult(discord.Gateway.Asked >= 2), "the shard asks for its turn");
        discord.Gateway.Open.ShouldBe(0);
        discord.Gateway.Identified.ShouldBe(0);
    }
}
