using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Router.Remote;

/// <summary>
/// A function of AWS Lambda, invoked and waited for: <c>lambda://name[:qualifier]</c>, or the URL of a compatible
/// server. The command's secret is <c>access_key_id:secret_access_key[:session_token]</c>; without one the section Aws
/// has the keys.
/// </summary>
/// <remarks>Source: AWS Lambda API Reference, "Invoke".</remarks>
internal sealed partial class LambdaTarget(IOptions<AwsOptions> options, TimeProvider clock) : IRemoteTarget
{
    private const string JsonType = "application/json";

    public string Type => "lambda";

    public Prepared Prepare(RemoteCall call)
    {
        if (Address(call.Command.LocationUrl) is not { } url)
        {
            return Prepared.Wrong(
                "The command's location_url must be lambda://function or lambda://function:qualifier, or the URL of a compatible server.");
        }

        if (Keys(call.Secret) is not { } keys)
        {
            return Prepared.Wrong(call.Secret is null
                ? "There are no AWS keys: give the command a secret, or set Aws:AccessKeyId and Aws:SecretAccessKey."
                : "The secret of a lambda command must be access_key_id:secret_access_key, with :session_token where there is one.");
        }

        var headers = new Dictionary<string, string>(call.Command.Headers, StringComparer.OrdinalIgnoreCase)
        {
            ["Content-Type"] = JsonType,
            ["X-Amz-Invocation-Type"] = "RequestResponse",
        };
        AwsSignature.Sign(
            headers, HttpMethod.Post, url, call.Json, keys, options.Value.Region, "lambda", clock.GetUtcNow());
        var request =
            new GuardedRequest(HttpMethod.Post, url, call.Command.Timeout) { Body = call.Json, Headers = headers };
        return Prepared.Call(request, url.AbsoluteUri);
    }

    /// <summary>A function that threw is a 200 with this header; its text is for the function's own log.</summary>
    public string? Fault(GuardedResponse answer) => answer.Headers.TryGetValue("X-Amz-Function-Error", out var kind)
        ? $"The function failed ({(kind == "Unhandled" ? kind : "Handled")})."
        : null;

    private Uri? Address(string location)
    {
        if (Function().Match(location) is { Success: true } function)
        {
            var endpoint =
                options.Value.LambdaEndpoint?.AbsoluteUri ?? $"https://lambda.{options.Value.Region}.amazonaws.com";
            var qualifier = function.Groups["qualifier"] is { Success: true, Value: var q }
                ? $"?Qualifier={Uri.EscapeDataString(q)}"
                : "";
            return new Uri(
                $"{endpoint.TrimEnd('/')}/2015-03-31/functions/{function.Groups["name"].Value}/invocations{qualifier}");
        }

        return Uri.TryCreate(location, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;
    }

    private AwsKeys? Keys(string? secret) => secret?.Split(':') switch
    {
        null when options.Value is { AccessKeyId: { } id, SecretAccessKey: { } key } =>
            new AwsKeys(id, key, options.Value.SessionToken),
        [{ Length: > 0 } id, { Length: > 0 } key] => new AwsKeys(id, key, null),
        [{ Length: > 0 } id, { Length: > 0 } key, { Length: > 0 } token] => new AwsKeys(id, key, token),
        _ => null,
    };

    [GeneratedRegex(
        @"^lambda://(?<name>[A-Za-z0-9_-]{1,64})(:(?<qualifier>\$LATEST|[A-Za-z0-9_-]{1,128}))?\z",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Function();
}
