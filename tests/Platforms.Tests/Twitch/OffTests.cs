using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Without credentials Twitch is off, and says so to whoever asks.</summary>
public sealed class OffTests(TestHost host) : IClassFixture<TestHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_addresses_answer_404_and_name_the_settings()
    {
        using var http = host.Client(null);
        using var hook = await http.PostAsync("/platforms/twitch/eventsub", new StringContent("{}"), Ct);
        using var login = await http.GetAsync("/platforms/twitch/login", Ct);

        hook.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        login.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await login.Content.ReadAsStringAsync(Ct)).ShouldContain("Platforms:Twitch:ClientId");
    }

    [Fact]
    public async Task What_is_to_be_sent_there_fails_for_good()
    {
        var sender = host.Services.GetServices<ISender>().Single(s => s.Name == "twitch");
        var sent = await sender.SendAsync(
            new SendMessage(new ChannelId(Platform.Twitch, null, "1"), new ModuleResponse("t", true, "chat", ChatMessage: "x")), "k", Ct);

        (sent.Ok, sent.RetryAfter).ShouldBe((false, null));
    }
}
