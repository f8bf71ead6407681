using System.Text;
using Rookery.Platforms.Slack;

namespace Rookery.Platforms.Tests.Slack;

public sealed class SignatureTests
{
    private const string Secret = "8f742231b10e8888abcd99yyyzzz85a5";
    private const string Timestamp = "1531420618";
    private const string Signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    private const string Body =
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        + "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1531420618);

    [Fact]
    public void The_example_of_Slacks_documentation_fits() => Refuse().ShouldBeNull();

    [Fact]
    public void A_replay_after_five_minutes_is_refused()
    {
        Refuse(now: At + SlackSignature.Window).ShouldBeNull();
        Refuse(now: At + SlackSignature.Window + TimeSpan.FromSeconds(1))!.ShouldContain("five minutes");
    }

    [Theory]
    [InlineData(Secret, Timestamp, Signature, Body + "x")]
    [InlineData(Secret + "x", Timestamp, Signature, Body)]
    [InlineData(Secret, "1531420619", Signature, Body)]
    [InlineData(Secret, Timestamp, "v0=A2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", Body)]
    [InlineData(Secret, Timestamp, "", Body)]
    public void Anything_else_does_not(string secret, string timestamp, string signature, string body) =>
        SlackSignature.Refuse(secret, timestamp, signature, Encoding.UTF8.GetBytes(body), At).ShouldNotBeNull();

    private static string? Refuse(DateTimeOffset? now = null) =>
        SlackSignature.Refuse(Secret, Timestamp, Signature, Encoding.UTF8.GetBytes(Body), now ?? At);
}
