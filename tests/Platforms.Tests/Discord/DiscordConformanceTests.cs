using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

/// <summary>What we send is what Discord's own description of its interface asks for.</summary>
public sealed class DiscordConformanceTests(InteractionHost bot) : IClassFixture<InteractionHost>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private static readonly string Document = Path.Combine(TestPostgres.RepositoryRoot(), "..", "shared", "data", "openapi-discord.json");

    private InteractionSide Interactions => bot.Discord.Interactions;

    [Fact]
    public async Task Everything_that_is_sent_fits_the_published_schemas()
    {
        var shape = Shape();
        foreach (var command in new[] { "quick", "slow", "no", "slowno", "many", "long", "card", "ask", "hush" })
        {
            await Interactions.RunAsync($"conf-{command}", "42", command);
        }

        await Interactions.TypeAsync("conf", "42", "quick", "add");
        await Interactions.PressAsync("conf-button", "42", "tests:quiet:1");
        await Interactions.SubmitAsync("conf-form", "42", "tests:form:1", ("name", "Ada"));
        bot.Discord.Say("conf-talk", "42", "!card");
        bot.Discord.Say("conf-talk", "43", "!long");
        var sender = bot.Host.Get<DiscordSender>();
        var channel = new ChannelId(Platform.Discord, DiscordSimulator.GuildId, "conf-talk");
        foreach (var how in new[] { Restriction.Timeout, Restriction.Ban })
        {
            (await sender.SendAsync(new RestrictMember(channel, "9", how, TimeSpan.FromMinutes(5), "spam"), $"conf:{how}", Ct)).Ok.ShouldBeTrue();
        }

        await ChangeRolesAsync(sender);

        // All is told, and the slow ones are put off and filled in.
        string[] wanted =
            ["PUT /applications", "POST /interactions", "POST /webhooks", "PATCH /webhooks", "POST /channels", "PATCH /guilds", "PUT /guilds"];
        await TestHost.EventuallyAsync(
            () => Task.FromResult(wanted.All(w => Calls().Any(c => $"{c.Method} {c.Path}".StartsWith(w, StringComparison.Ordinal)))), "all kinds are called");

        foreach (var call in bot.Discord.Rest.BareCalls.Select(c => c.Split(' ')).Where(c => !c[1].EndsWith("/gateway/bot", StringComparison.Ordinal)))
        {
            shape.Knows(call[0], call[1]["/api/v10".Length..]).ShouldBeTrue($"{call[0]} {call[1]} is not known");
        }

        foreach (var (method, path, body) in Calls())
        {
            var schema = shape.BodyOf(method, path).ShouldNotBeNull($"{method} {path} is not known");
            shape.Compare(schema, JsonElement.Parse(body)).ShouldBeEmpty($"{method} {path} {body}");
        }
    }

    [Theory]
    [InlineData("POST", "/channels/1/messages", """{"content": 5}""")]
    [InlineData("POST", "/channels/1/messages", """{"contents": "x"}""")]
    [InlineData("POST", "/channels/1/messages", """{"embeds": [{"fields": [{"name": "x"}]}]}""")]
    [InlineData("POST", "/interactions/1/t/callback", """{"type": 9, "data": {"custom_id": "x", "components": []}}""")]
    [InlineData("PUT", "/applications/1/commands", """[{"description": "x"}]""")]
    [InlineData("POST", "/guilds/1/roles", """{"name": "x", "permissions": "0"}""")]
    public void What_would_be_wrong_is_found(string method, string path, string body)
    {
        var shape = Shape();
        shape.Compare(shape.BodyOf(method, path)!.Value, JsonElement.Parse(body)).ShouldNotBeEmpty();
    }

    /// <summary>A role is made, given, taken and removed.</summary>
    private async Task ChangeRolesAsync(DiscordSender sender)
    {
        var roles = bot.Host.Get<IEnumerable<IServerRoles>>().Single(r => r.Platform == Platform.Discord);
        var made = await roles.MakeAsync(DiscordSimulator.GuildId, new string('x', 120), "asked for", Ct);
        foreach (var has in new[] { true, false })
        {
            var set = new SetMemberRole(Platform.Discord, DiscordSimulator.GuildId, DiscordSimulator.MemberId, made.Id!, has, "asked for");
            (await sender.SendAsync(set, $"conf:{has}", Ct)).Ok.ShouldBeTrue();
        }

        (await roles.RemoveAsync(DiscordSimulator.GuildId, made.Id!, "asked for", Ct)).ShouldBeNull();
        var places = bot.Host.Get<IEnumerable<IServerPlaces>>().Single(p => p.Platform == Platform.Discord);
        (await places.FindAsync(DiscordSimulator.GuildId, Ct)).ShouldNotBeNull();
    }

    private List<(string Method, string Path, string Body)> Calls() =>
        [.. bot.Discord.Rest.Calls.Select(c => (c.Method, c.Path["/api/v10".Length..], c.Body))];

    private static JsonShape Shape()
    {
        if (!File.Exists(Document))
        {
            Assert.Skip($"{Document} is missing, so what is sent is not compared with it.");
        }

        return new JsonShape(JsonElement.Parse(File.ReadAllText(Document)));
    }
}
