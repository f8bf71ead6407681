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
}
