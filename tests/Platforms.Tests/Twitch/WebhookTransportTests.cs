using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rookery.Simulators.Twitch;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Twitch calls, and so may anybody: only what is proven, fresh and new has an effect.</summary>
public sealed class WebhookTransportTests(WebhookHost twitch) : IClassFixture<WebhookHost>
{
    private const string Path = "/platforms/twitch/eventsub";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_is_answered()
    {
        await twitch.SubscribedAsync();
        var before = twitch.Count("Pong!");

        await twitch.AnswersAsync("!ping", "Pong!", before + 1);

        twitch.Twitch.Webhooks.Answers.ShouldContain(200);
        twitch.Twitch.Webhooks.Answers.ShouldContain(204);
    }

    [Fact]
    public async Task A_message_that_comes_again_or_under_a_twin_id_is_taken_and_has_no_second_effect()
    {
        await twitch.SubscribedAsync();
        var before = twitch.Count("Pong!");
        var body = Chat("twice-1", "!ping");
        var first = await PostAsync(body, messageId: "m-1");
        var again = await PostAsync(body, messageId: "m-1", retry: 1);
        var twin = await PostAsync(body, messageId: "m-2");
        (first, again, twin).ShouldBe((HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.NoContent));

        await twitch.AnswersAsync("!ping", "Pong!", before + 2);
        await twitch.SettledAsync();
        twitch.Count("Pong!").ShouldBe(before + 2);
        (await twitch.StoredAsync("%twice-1%")).ShouldBe(1);
    }

    [Fact]
    public async Task A_signature_over_anything_but_id_time_and_body_is_refused_and_nothing_stored()
    {
        var body = Chat("forged-1", "!ping");
        var signed = WebhookCalls.Sign(TwitchHost.Secret, "m-f", DateTimeOffset.UnixEpoch, "notification", "t", body);
        var now = TimeProvider.System.GetUtcNow();
        var right = WebhookCalls.Sign(TwitchHost.Secret, "m-f", now, "notification", "channel.chat.message", body);

        (await PostAsync(body, secret: "another secret of ours")).ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(body + " ", right)).ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(body, Changed(right, "Twitch-Eventsub-Message-Id", "m-g"))).ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(body, Changed(right, "Twitch-Eventsub-Message-Timestamp", now.AddMinutes(1).ToString("O")))).ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(body, Changed(right, "Twitch-Eventsub-Message-Signature", "sha256="))).ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(body, signed)).ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(body, new Dictionary<string, string>(StringComparer.Ordinal))).ShouldBe(HttpStatusCode.Forbidden);
        (await twitch.StoredAsync("%forged-1%")).ShouldBe(0);
    }

    [Theory]
    [InlineData(-9, HttpStatusCode.NoContent)]
    [InlineData(-11, HttpStatusCode.Forbidden)]
    [InlineData(9, HttpStatusCode.NoContent)]
    [InlineData(11, HttpStatusCode.Forbidden)]
    public async Task A_message_from_more_than_ten_minutes_ago_or_ahead_is_refused(int minutes, HttpStatusCode status)
    {
        var id = $"aged-{minutes}";
        (await PostAsync(Chat(id, "hello"), at: TimeProvider.System.GetUtcNow().AddMinutes(minutes))).ShouldBe(status);
        (await twitch.StoredAsync($"%{id}\"%")).ShouldBe(status == HttpStatusCode.NoContent ? 1 : 0);
    }

    [Fact]
    public async Task The_challenge_of_a_new_subscription_is_echoed_as_plain_text()
    {
        var body = new JsonObject { ["challenge"] = "prove it", ["subscription"] = Subscription("channel.follow") }.ToJsonString();
        using var request = Request(body, WebhookCalls.Sign(
            TwitchHost.Secret, "m-c", TimeProvider.System.GetUtcNow(), "webhook_callback_verification", "channel.follow", body));
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        (await response.Content.ReadAsStringAsync(Ct)).ShouldBe("prove it");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"event\":{}}")]
    [InlineData("{\"subscription\":{\"id\":\"1\",\"status\":\"enabled\",\"type\":\"channel.follow\",\"version\":\"2\",\"condition\":{}},\"event\":{\"user_id\":7}}")]
    public async Task A_proven_body_that_is_no_message_is_refused(string body) =>
        (await PostAsync(body)).ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task An_unknown_type_and_an_unknown_kind_of_message_are_taken_without_effect()
    {
        var body = new JsonObject { ["subscription"] = Subscription("channel.not.yet"), ["event"] = new JsonObject { ["x"] = "unheard-of" } }.ToJsonString();
        (await PostAsync(body)).ShouldBe(HttpStatusCode.NoContent);
        (await PostAsync(body, kind: "not_yet_either")).ShouldBe(HttpStatusCode.NoContent);
        (await twitch.StoredAsync("%unheard-of%")).ShouldBe(0);
    }

    [Fact]
    public async Task What_the_database_cannot_hold_is_replaced()
    {
        (await PostAsync(Chat("zero-1", "a\0b"))).ShouldBe(HttpStatusCode.NoContent);
        await twitch.SettledAsync();
        (await twitch.StoredAsync("%zero-1%")).ShouldBe(1);
    }

    [Fact]
    public async Task More_than_a_mebibyte_is_not_read() =>
        (await PostAsync(new string(' ', (1024 * 1024) + 1))).ShouldBe(HttpStatusCode.RequestEntityTooLarge);

    [Fact]
    public async Task A_revocation_is_acknowledged_and_the_subscription_made_again()
    {
        await twitch.SubscribedAsync("stream.online");
        await twitch.Twitch.Events.RevokeAsync("stream.online", "notification_failures_exceeded");
        await twitch.SubscribedAsync("stream.online");
    }

    private Task<HttpStatusCode> PostAsync(
        string body, string? messageId = null, DateTimeOffset? at = null, string secret = TwitchHost.Secret, string kind = "notification", int retry = 0) =>
        SendAsync(body, WebhookCalls.Sign(
            secret, messageId ?? Guid.NewGuid().ToString(), at ?? TimeProvider.System.GetUtcNow(), kind, "channel.chat.message", body, retry));

    private async Task<HttpStatusCode> SendAsync(string body, IReadOnlyDictionary<string, string> headers)
    {
        using var request = Request(body, headers);
        using var http = twitch.Host.Client(null);
        using var response = await http.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private HttpRequestMessage Request(string body, IReadOnlyDictionary<string, string> headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(twitch.Host.Address, Path))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { ExpectContinue = true },
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static Dictionary<string, string> Changed(IReadOnlyDictionary<string, string> headers, string name, string value) =>
        new(headers, StringComparer.Ordinal) { [name] = value };

    private static string Chat(string id, string text) => new JsonObject
    {
        ["subscription"] = Subscription("channel.chat.message"),
        ["event"] = new JsonObject
        {
            ["broadcaster_user_id"] = TwitchHost.Channel,
            ["chatter_user_id"] = "200",
            ["chatter_user_name"] = "ada",
            ["message_id"] = id,
            ["message"] = new JsonObject { ["text"] = text },
            ["badges"] = new JsonArray(),
        },
    }.ToJsonString();

    private static JsonObject Subscription(string type) => new()
    {
        ["id"] = "s-1",
        ["status"] = "enabled",
        ["type"] = type,
        ["version"] = "1",
        ["condition"] = new JsonObject(),
    };
}
