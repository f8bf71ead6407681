using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Platforms.Discord.Interactions;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class SlashCommandTests(InteractionHost bot) : IClassFixture<InteractionHost>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private static readonly string[] Usage = ["add <what>", "list", "add quote \"text\" [author]", "remove <what>"];

    private InteractionSide Interactions => bot.Discord.Interactions;

    [Fact]
    public async Task Discord_is_told_of_every_command_once_and_again_when_one_comes()
    {
        await TestHost.EventuallyAsync(() => Task.FromResult(Interactions.Overwrites == 1), "Discord is told");
        Names().ShouldContain("ping");
        Names().ShouldNotContain(n => n.StartsWith("notforslash", StringComparison.Ordinal));

        using var made = await bot.Host.Http.PostAsJsonAsync(
            "/api/v1/commands", new { command = "fortune", prefix = "#", location_url = "https://example.org/", type = "webhook" }, Ct);
        made.IsSuccessStatusCode.ShouldBeTrue(await made.Content.ReadAsStringAsync(Ct));
        await TestHost.EventuallyAsync(() => Task.FromResult(Interactions.Overwrites == 2), "Discord is told again");
        Names().ShouldContain("fortune");

        // Another node, or this one after a restart, finds that nothing changed.
        await ActivatorUtilities.CreateInstance<RegisterCommands>(bot.Host.Services).RunAsync(Ct);
        Interactions.Overwrites.ShouldBe(2);
        (await bot.Host.Get<Database>().Write.ValueAsync<long>($"select count(*) from discord.registered_commands", Ct)).ShouldBe(1);
    }

    [Fact]
    public void What_does_not_fit_is_left_out_and_a_prefix_wins_over_another()
    {
        var many = Enumerable.Range(0, 120).Select(i => new ListedCommand('!', $"c{i:000}", "x", [])).ToList();
        ListedCommand[] odd =
            [new('!', "two words", "x", []), new('!', new string('n', 33), "x", []), new('#', "c001", "y", []), new('!', "crème-brûlée", new string('d', 200), [])];

        var (commands, leftOut) = SlashCommands.Of([.. odd, .. many.Take(90)]);
        commands.Count.ShouldBe(91);
        commands.Single(c => c.Name == "c001").Description.ShouldBe("x");
        commands.Single(c => c.Name == "crème-brûlée").Description.Length.ShouldBe(100);
        leftOut.ShouldBe(["!two words", $"!{new string('n', 33)}", "#c001"]);

        SlashCommands.Of(many).Commands.Count.ShouldBe(100);
        SlashCommands.Of(many).LeftOut.Count.ShouldBe(20);
    }

    [Theory]
    [InlineData("", "add|list|add quote|remove")]
    [InlineData("add", "add|add quote")]
    [InlineData("add quote \"x", "add quote \"x|add quote \"x")]
    [InlineData("zzz", "")]
    public void Suggestions_keep_what_was_typed(string typed, string values) =>
        string.Join('|', SlashCommands.Suggest(Usage, typed).Select(c => c.Value)).ShouldBe(values);

    private List<string> Names() => [.. Interactions.Commands.Select(c => c!["name"]!.GetValue<string>())];
}
