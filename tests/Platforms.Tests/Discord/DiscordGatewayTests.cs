using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class DiscordGatewayTests(DiscordHost bot) : IClassFixture<DiscordHost>
{
    private DiscordSimulator Discord => bot.Discord;

    [Fact]
    public async Task A_command_is_answered_once_and_its_event_kept()
    {
        var id = Discord.Say("ch1", "42", "!ping");

        await bot.SaidAsync("ch1", "Pong!");
        await TestHost.EventuallyAsync(
            async () => await bot.Host.Get<Database>().Write.ValueAsync<bool>(
                $"select processed from discord.discord_events where event_id = {id}", TestContext.Current.CancellationToken),
            "the event is processed");
    }

    [Fact]
    public async Task What_is_said_while_the_connection_is_broken_is_answered_once_when_the_session_resumes()
    {
        var resumed = Discord.Gateway.Resumed;
        Discord.Gateway.Drop();
        Discord.Say("ch2", "42", "!ping");

        await bot.SaidAsync("ch2", "Pong!");
        Discord.Gateway.Resumed.ShouldBeGreaterThan(resumed);
    }

    [Fact]
    public async Task A_wish_to_reconnect_is_followed_with_the_session_kept()
    {
        var (identified, resumed) = (Discord.Gateway.Identified, Discord.Gateway.Resumed);
        Discord.Gateway.AskToReconnect();
        Discord.Say("ch3", "42", "!ping");

        await bot.SaidAsync("ch3", "Pong!");
        Discord.Gateway.Resumed.ShouldBeGreaterThan(resumed);
        Discord.Gateway.Identified.ShouldBe(identified);
    }

    [Fact]
    public async Task A_session_that_is_gone_is_identified_anew()
    {
        var identified = Discord.Gateway.Identified;
        Discord.Gateway.Invalidate(resumable: false);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(Discord.Gateway.Identified > identified), "the bot identifies again");
        Discord.Say("ch4", "42", "!ping");
        await bot.SaidAsync("ch4", "Pong!");
    }

    [Theory]
    [InlineData(4000, true)]
    [InlineData(4008, true)]
    [InlineData(1001, true)]
    [InlineData(4009, false)]
    public async Task A_closed_connection_is_opened_again(int code, bool resumes)
    {
        var channel = $"close{code}";
        var before = Lives();
        Discord.Gateway.CloseAll(code);
        await TestHost.EventuallyAsync(() => Task.FromResult(Lives() > before), "the session goes on or is a new one");
        Discord.Say(channel, "42", "!ping");

        await bot.SaidAsync(channel, "Pong!");

        int Lives() => resumes ? Discord.Gateway.Resumed : Discord.Gateway.Identified;
    }

    [Fact]
    public async Task What_bots_say_is_not_answered_and_roles_count()
    {
        Discord.Say("ch5", "42", "!memories add note \"tea\" \"at four\"");
        await TestHost.EventuallyAsync(
            () => Task.FromResult(Discord.Ledger.Said("ch5").Any(t => t.Contains("moderator", StringComparison.Ordinal))),
            "a member may not");
        Discord.Say("ch5", "43", "!memories add note \"tea\" \"at five\"", "moderators");
        await TestHost.EventuallyAsync(() => Task.FromResult(Discord.Ledger.Said("ch5").Count == 2), "a moderator may");
        Discord.Ledger.Said("ch5")[1].ShouldContain("at five");
    }

    [Fact]
    public async Task A_channel_that_is_busy_is_answered_in_full_without_going_over_its_limit()
    {
        for (var i = 0; i < 12; i++)
        {
            Discord.Say("busy", $"{100 + i}", "!ping");
        }

        await bot.SaidAsync("busy", [.. Enumerable.Repeat("Pong!", 12)]);
        Discord.Rest.Overruns.ShouldBe(0);
    }

    [Fact]
    public async Task An_answer_that_Discord_failed_to_take_is_given_again()
    {
        Discord.Rest.FailNext(1, 502);
        Discord.Say("flaky", "42", "!ping");

        await bot.SaidAsync("flaky", "Pong!");
    }

    [Theory]
    [InlineData("post:1", true)]
    [InlineData("reply:1:0", false)]
    public async Task Of_a_post_whose_answer_is_lost_it_is_said_that_it_may_stand(string key, bool mayStand)
    {
        Discord.Rest.FailNext(5, 502);
        var message = new SendMessage(new ChannelId(Platform.Discord, "1", $"lost-{key[0]}"), new ModuleResponse("m", true, "chat", ChatMessage: "Hello"));
        var sent = await bot.Host.Get<DiscordSender>().SendAsync(message, key, TestContext.Current.CancellationToken);
        Discord.Rest.FailNext(0, 502);

        sent.RetryAfter.ShouldNotBeNull();
        sent.MayStand.ShouldBe(mayStand);
    }
}
