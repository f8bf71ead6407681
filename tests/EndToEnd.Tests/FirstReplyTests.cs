namespace Rookery.EndToEnd.Tests;

public sealed class FirstReplyTests(TestHost host) : IClassFixture<TestHost>
{
    [Fact]
    public async Task A_chat_message_becomes_a_reply()
    {
        var answer = await host.SayAsync("!ping");

        answer["outcome"]!.GetValue<string>().ShouldBe("replied");
        TestHost.Lines(answer).ShouldBe(["Pong!"]);
    }
}
