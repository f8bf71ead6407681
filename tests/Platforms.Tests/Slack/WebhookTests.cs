using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Platforms.Slack;

namespace Rookery.Platforms.Tests.Slack;

public sealed class WebhookTests(EventsHost fixture) : IClassFixture<EventsHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_is_answered_once_however_often_its_event_comes()
    {
        var id = await fixture.Slack.EventAsync(
            "T1", SocketModeTests.Message("C30", "U1", "!ping", "1700000000.000001"), Ct);
        await fixture.SaysAsync("C30", "Pong!");

        (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => fixture.Slack.RedeliverAsync(id, Ct)))).ShouldAllBe(taken => taken);
        await fixture.SettledAsync();

        fixture.Slack.Ledger.Said("C30").ShouldBe(["Pong!"]);
    }

    [Fact]
    public async Task A_slash_command_and_a_button_come_over_their_own_addresses()
    {
        (await fixture.Slack.CommandAsync("/rookery", "ping", "C31", "U1", Ct)).ShouldBeTrue();
        await fixture.SaysAsync("C31", "Pong!");

        var pressed = new JsonObject
        {
            ["type"] = "message_action",
            ["callback_id"] = "memories:keep",
            ["team"] = new JsonObject { ["id"] = "T1" },
            ["user"] = new JsonObject { ["id"] = "U1", ["name"] = "ada" },
            ["message"] = new JsonObject { ["ts"] = "1700000000.000001" },
        };
        (await fixture.Slack.InteractAsync(pressed, "C31", Ct)).ShouldBeTrue();
        var seen = await fixture.Witness.SawAsync(e => e.Channel.Channel == "C31" && e.Type == "interaction");
        var meant = seen.Fact.ShouldBeOfType<Interacted>();
        meant.CustomId.ShouldBe("memories:keep");
        meant.Values.ShouldBe(["C31/1700000000.000001"]);
    }

    [Fact]
    public async Task Slack_is_told_the_challenge()
    {
        using var answer = await PostAsync("""{"type":"url_verification","challenge":"abc","token":"x"}""", TimeProvider.System.GetUtcNow());

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldBe("abc");
    }

    [Theory]
    [InlineData(-330, null, null)]
    [InlineData(330, null, null)]
    [InlineData(0, "v0=0000000000000000000000000000000000000000000000000000000000000000", null)]
    [InlineData(0, "", null)]
    [InlineData(0, "v0=no-hex-at-all", null)]
    [InlineData(0, null, "")]
    [InlineData(0, null, "yesterday")]
    [InlineData(0, null, "99999999999999999999999999")]
    public async Task A_forged_or_stale_call_is_refused_and_nothing_is_stored(int offset, string? signature, string? timestamp)
    {
        var before = await fixture.StoredAsync();

        using var answer = await PostAsync(Event("Ev-forged"), TimeProvider.System.GetUtcNow().AddSeconds(offset), signature, timestamp);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await fixture.StoredAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task A_signature_counts_for_its_body_alone()
    {
        var now = TimeProvider.System.GetUtcNow();
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = SlackSignature.Sign(fixture.Slack.SigningSecret, timestamp, Encoding.UTF8.GetBytes(Event("Ev-one")));

        using var answer = await PostAsync(Event("Ev-two"), now, signature);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("events", "{")]
    [InlineData("events", "[1]")]
    [InlineData("events", "")]
    [InlineData("commands", "text=ping")]
    [InlineData("interactivity", "payload=%7B")]
    [InlineData("interactivity", "nothing=1")]
    public async Task What_Slack_does_not_send_is_refused_although_it_is_signed(string path, string body)
    {
        var before = await fixture.StoredAsync();

        using var answer = await PostAsync(body, TimeProvider.System.GetUtcNow(), path: path);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await fixture.StoredAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task More_than_a_mebibyte_is_refused()
    {
        using var answer = await PostAsync(new string('x', 1024 * 1024 + 1), TimeProvider.System.GetUtcNow());

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task An_event_of_a_kind_nobody_knows_is_taken_and_the_verification_token_is_not_kept()
    {
        using var answer = await PostAsync(
            """{"type":"event_callback","team_id":"T1","event_id":"Ev-odd","token":"secret","event":{"type":"new_thing","text":"\u0000\ud800"}}""",
            TimeProvider.System.GetUtcNow());
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await fixture.SettledAsync();

        var (type, data) = (await fixture.Host.Get<Database>().Write.ListAsync(
            $"select event_type, event_data::text from slack.slack_events where event_id = 'Ev-odd'",
            r => (r.GetString(0), r.GetString(1)),
            Ct)).Single();
        type.ShouldBe("new_thing");
        data.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Being_uninstalled_ends_the_workspace()
    {
        await fixture.Slack.EventAsync("T9", new JsonObject { ["type"] = "app_uninstalled" }, Ct);

        (await fixture.Witness.SawAsync(e => e.Channel.Server == "T9")).Fact.ShouldBe(new ServerLeft());
    }

    private static string Event(string id) =>
        new JsonObject
        {
            ["type"] = "event_callback",
            ["team_id"] = "T1",
            ["event_id"] = id,
            ["event"] = SocketModeTests.Message("C39", "U1", "!ping", "1700000000.000009"),
        }.ToJsonString();

    private async Task<HttpResponseMessage> PostAsync(
        string body, DateTimeOffset at, string? signature = null, string? timestamp = null, string path = "events")
    {
        timestamp ??= at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var http = fixture.Host.Client(null);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"platforms/slack/{path}");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        request.Headers.ExpectContinue = true;
        request.Headers.TryAddWithoutValidation("X-Slack-Request-Timestamp", timestamp);
        request.Headers.TryAddWithoutValidation(
            "X-Slack-Signature", signature ?? SlackSignature.Sign(fixture.Slack.SigningSecret, timestamp, Encoding.UTF8.GetBytes(body)));
        return await http.SendAsync(request, Ct);
    }
}
