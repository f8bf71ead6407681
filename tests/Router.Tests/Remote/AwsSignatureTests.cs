using Rookery.Router.Remote;

namespace Rookery.Router.Tests.Remote;

/// <summary>
/// AWS's own examples: the signature test suite (service "service") and the ListUsers example of the IAM guide.
/// </summary>
public sealed class AwsSignatureTests
{
    private static readonly AwsKeys Keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
    private static readonly DateTimeOffset At = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("GET", "https://example.amazonaws.com/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "https://example.amazonaws.com/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void The_test_suites_signatures_come_out(string method, string url, string signature)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        AwsSignature.Sign(headers, HttpMethod.Parse(method), new Uri(url), "", Keys, "us-east-1", "service", At);

        headers["X-Amz-Date"].ShouldBe("20150830T123600Z");
        headers["Authorization"].ShouldBe(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}");
    }

    [Fact]
    public void The_guides_signature_comes_out()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8",
        };

        AwsSignature.Sign(
            headers,
            HttpMethod.Get,
            new Uri("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
            "",
            Keys,
            "us-east-1",
            "iam",
            At);

        headers["Authorization"].ShouldBe(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
            + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    [Fact]
    public void A_session_token_is_sent_and_signed()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        AwsSignature.Sign(
            headers,
            HttpMethod.Post,
            new Uri("https://example.amazonaws.com/"),
            "{}",
            Keys with { SessionToken = "token" },
            "us-east-1",
            "lambda",
            At);

        headers["X-Amz-Security-Token"].ShouldBe("token");
        headers["Authorization"].ShouldContain("SignedHeaders=host;x-amz-date;x-amz-security-token,");
    }
}
