using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Tests.Discord;
using Rookery.Platforms.Twitch;
using Rookery.Simulators.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>What we send is what the published description of Twitch's interface asks for.</summary>
public sealed class TwitchConformanceTests(TwitchHost twitch) : IClassFixture<TwitchHost>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private static readonly string File = Path.Combine(
        TestPostgres.RepositoryRoot(), "..", "shared", "data", "openapi-twitch-helix.json");

    [Fact]
    public async Task Everything_that_is_sent_fits_the_published_schemas()
    {
        var document = Document();
        var shape = new JsonShape(document);
        await twitch.SubscribedAsync();
        await twitch.SubscribedAsync("channel.cheer");
        await twitch.AnswersAsync("!ping", "Pong!", twitch.Count("Pong!") + 1);
        var channel = TwitchDecoder.Channel(TwitchHost.Channel);
        var sender = twitch.Host.Get<TwitchSender>();
        foreach (var how in new[] { Restriction.Warn, Restriction.Timeout, Restriction.Ban })
        {
            (await sender.SendAsync(new RestrictMember(channel, "666", how, TimeSpan.FromMinutes(5), "spam"), $"conf:{how}", Ct)).Ok.ShouldBeTrue();
        }

        var said = await twitch.Twitch.Chat.SayAsync(TwitchHost.Channel, "666", "bad");
        (await sender.SendAsync(new DeleteMessage(channel, said, "spam"), "conf:delete", Ct)).Ok.ShouldBeTrue();
        await twitch.Host.Get<LivePolls>().RunAsync(Ct);
        await twitch.Twitch.Events.RevokeAsync("channel.raid", "moderator_removed");
        string[] wanted =
        [
            "GET /users", "GET /streams", "GET /eventsub/subscriptions", "POST /eventsub/subscriptions", "DELETE /eventsub/subscriptions",
            "POST /chat/messages", "DELETE /moderation/chat", "POST /moderation/bans", "POST /moderation/warnings",
        ];
        await TestHost.EventuallyAsync(
            () => Task.FromResult(wanted.All(w => twitch.Twitch.Calls.Any(c => $"{c.Method} {c.Path}" == w))), "all kinds are called");

        foreach (var call in twitch.Twitch.Calls)
        {
            Wrong(document, shape, call).ShouldBeEmpty($"{call}");
        }
    }

    [Theory]
    [InlineData("POST", "/chat/messages", "", """{"broadcaster_id":"1","sender_id":"2"}""")]
    [InlineData("POST", "/chat/messages", "", """{"broadcaster_id":"1","sender_id":"2","message":"x","text":"y"}""")]
    [InlineData("POST", "/eventsub/subscriptions", "", """{"type":"channel.raid","version":"1","condition":{}}""")]
    [InlineData("DELETE", "/moderation/chat", "?broadcaster_id=1", "")]
    [InlineData("GET", "/streams", "?user=1", "")]
    public void What_would_be_wrong_is_found(string method, string path, string query, string body)
    {
        var document = Document();
        Wrong(document, new JsonShape(document), new ApiCall(method, path, query, body)).ShouldNotBeEmpty();
    }

    private static List<string> Wrong(JsonElement document, JsonShape shape, ApiCall call)
    {
        var operation = document.GetProperty("paths").GetProperty(call.Path).GetProperty(call.Method.ToLowerInvariant());
        var known = operation.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").ToDictionary(
                p => p.GetProperty("name").GetString()!,
                p => p.TryGetProperty("required", out var required) && required.GetBoolean(),
                StringComparer.Ordinal)
            : [];
        var given = QueryHelpers.ParseQuery(call.Query);
        return
        [
            .. given.Keys.Except(known.Keys, StringComparer.Ordinal).Select(k => $"the parameter {k} is not known"),
            .. known.Where(k => k.Value && !given.ContainsKey(k.Key)).Select(k => $"the parameter {k.Key} is missing"),
            .. call.Body.Length > 0
                ? shape.Compare(shape.BodyOf(call.Method, call.Path).ShouldNotBeNull(), JsonElement.Parse(call.Body))
                : operation.TryGetProperty("requestBody", out _) ? ["the body is missing"] : [],
        ];
    }

    private static JsonElement Document()
    {
        if (!System.IO.File.Exists(File))
        {
            Assert.Skip($"{File} is missing, so what is sent is not compared with it.");
        }

        return JsonElement.Parse(System.IO.File.ReadAllText(File));
    }
}
