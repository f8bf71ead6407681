using Rookery.Kernel.Data;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class InteractionEndpointTests : IClassFixture<InteractionHost>
{
    private readonly InteractionHost _bot;

    public InteractionEndpointTests(InteractionHost bot)
    {
        _bot = bot;
        Interactions.Endpoint = new Uri(bot.Host.Address, "/platforms/discord/interactions");
    }

    private InteractionSide Interactions => _bot.Discord.Interactions;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_signed_command_is_taken_and_answered_once_although_it_comes_twice()
    {
        var id = await Interactions.RunAsync("h1", "42", "quick", "hello");
        await Interactions.RepeatAsync(id);

        await TestHost.EventuallyAsync(
            () => Task.FromResult(_bot.Discord.Ledger.All.Any(e => e.MessageId == id && e.Text == "You said hello.")), "it is answered");
        Interactions.History(id).Where(h => h != "HTTP 202").ShouldBe(["answered 4"]);
        (await _bot.Host.Get<Database>().Write.ValueAsync<long>(
            $"select count(*) from router.command_executions where message_id = {id}", TestContext.Current.CancellationToken)).ShouldBe(1);
    }

    [Fact]
    public async Task A_ping_is_answered_with_a_pong() =>
        (await Interactions.PostAsync("""{"type": 1, "id": "1"}""", Now)).ShouldBe((200, """{"type":1}"""));

    [Fact]
    public async Task Suggestions_are_in_the_answer()
    {
        var id = await Interactions.TypeAsync("h2", "42", "quick", "add tea");

        Interactions.Answer(id)!["data"]!["choices"]![0]!["value"]!.GetValue<string>().ShouldBe("add tea");
    }

    [Fact]
    public async Task A_forged_a_stale_and_an_unsigned_call_are_refused_before_they_are_read()
    {
        const string Body = """{"type": 1}""";
        (await Interactions.PostAsync(Body, Now, new string('0', 128))).Status.ShouldBe(401);
        (await Interactions.PostAsync(Body, Now, "nonsense")).Status.ShouldBe(401);
        (await Interactions.PostAsync("no JSON", Now, new SigningKey(new byte[32]).Sign([1]))).Status.ShouldBe(401);
        (await Interactions.PostAsync(Body, Now.AddMinutes(-6))).Status.ShouldBe(401);
        (await Interactions.PostAsync(Body, Now.AddMinutes(6))).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Whoever_forges_often_is_not_listened_to_for_a_while_and_everybody_else_is()
    {
        var forged = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => CallAsync("203.0.113.7, 203.0.113.9", new string('0', 128))));
        var others = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => CallAsync($"203.0.113.9, 198.51.100.{i}", new string('0', 128))));

        forged.Concat(others).ShouldAllBe(status => status == 401 || status == 429);
        others.ShouldAllBe(status => status == 401);
        (await CallAsync("203.0.113.9")).ShouldBe(429);
        (await CallAsync("203.0.113.7")).ShouldBe(200);
        (await CallAsync("203.0.113.9, 203.0.113.7")).ShouldBe(200);
    }

    private async Task<int> CallAsync(string forwardedFor, string? signature = null)
    {
        const string Body = """{"type": 1}""";
        var timestamp = Now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var http = _bot.Host.Client(null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "platforms/discord/interactions") { Content = new StringContent(Body) };
        request.Headers.Add("X-Signature-Timestamp", timestamp);
        request.Headers.Add("X-Signature-Ed25519", signature ?? Interactions.Key.Sign(System.Text.Encoding.UTF8.GetBytes(timestamp + Body)));
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("""{"type": 2, "id": "1"}""")]
    [InlineData("""{"type": 2, "id": "1", "application_id": "2", "token": "t", "data": []}""")]
    public async Task What_is_signed_but_not_what_Discord_sends_is_refused(string body) =>
        (await Interactions.PostAsync(body, Now)).Status.ShouldBe(400);

    [Fact]
    public async Task A_body_over_the_limit_is_refused() =>
        (await Interactions.PostAsync($$"""{"type": 1, "x": "{{new string('x', 2_000_000)}}"}""", Now)).Status.ShouldBe(413);
}
