using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Router.Permissions;
using Rookery.Router.Remote;

namespace Rookery.Router.Tests.Remote;

public sealed class LambdaTargetTests
{
    [Theory]
    [InlineData("lambda://weather", null, "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/weather/invocations")]
    [InlineData("lambda://weather:live", null, "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/weather/invocations?Qualifier=live")]
    [InlineData("lambda://weather:$LATEST", "http://localhost:4566/", "http://localhost:4566/2015-03-31/functions/weather/invocations?Qualifier=%24LATEST")]
    [InlineData("http://10.0.0.7:9001/2015-03-31/functions/function/invocations", null, "http://10.0.0.7:9001/2015-03-31/functions/function/invocations")]
    public void A_location_becomes_an_invocation(string location, string? endpoint, string url)
    {
        var options =
            new AwsOptions { Region = "eu-west-1", LambdaEndpoint = endpoint is null ? null : new Uri(endpoint), AccessKeyId = "A", SecretAccessKey = "S" };

        var prepared = Prepare(options, location, secret: null);

        prepared.Error.ShouldBeNull();
        prepared.Request!.Url.AbsoluteUri.ShouldBe(url);
        prepared.Request.Method.ShouldBe(HttpMethod.Post);
    }

    [Theory]
    [InlineData("lambda://")]
    [InlineData("lambda://a/b")]
    [InlineData("lambda://a?b")]
    [InlineData("lambda://a:b:c")]
    [InlineData("ftp://a")]
    [InlineData("weather")]
    [InlineData("")]
    public void Another_location_is_explained(string location) =>
        Prepare(new AwsOptions { AccessKeyId = "A", SecretAccessKey = "S" }, location, secret: null)
            .Error.ShouldNotBeNull()
            .ShouldContain("lambda://function");

    [Theory]
    [InlineData("ID:KEY", "ID", false)]
    [InlineData("ID:KEY:TOKEN", "ID", true)]
    public void A_commands_own_keys_go_before_the_hosts(string secret, string id, bool token)
    {
        var request =
            Prepare(new AwsOptions { AccessKeyId = "A", SecretAccessKey = "S", SessionToken = "T" }, "lambda://f", secret).Request.ShouldNotBeNull();

        request.Headers["Authorization"].ShouldContain($"Credential={id}/");
        request.Headers.ContainsKey("X-Amz-Security-Token").ShouldBe(token);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("only-one-part")]
    [InlineData(":")]
    [InlineData("a:b:c:d")]
    public void Missing_or_broken_keys_are_explained_without_showing_them(string? secret)
    {
        var error = Prepare(new AwsOptions(), "lambda://f", secret).Error.ShouldNotBeNull();

        error.ShouldContain(secret is null ? "Aws:AccessKeyId" : "access_key_id:secret_access_key");
        error.ShouldNotContain("only-one-part");
    }

    private static Prepared Prepare(AwsOptions options, string location, string? secret) =>
        new LambdaTarget(Options.Create(options), new ManualClock()).Prepare(
            new RemoteCall(Sample.Command(location, "lambda"), Guid.Empty, Payload, "{}", secret));

    private static readonly RemotePayload Payload = new(
        "f", [], new RemoteUser("u", "U", Role.Member), new RemoteContext(
            Platform.Sandbox, null, "c", "sandbox:c", 2, null, DateTimeOffset.UnixEpoch),
        "s", Guid.Empty, 2, "sandbox:c", "u", "U", "!f", "command", null, null, PermissionTable.NoConfig);
}
