using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Rookery.Kernel.Web;

namespace Rookery.Router.Remote;

/// <summary>
/// An action of Apache OpenWhisk, invoked and waited for. The command's secret is the namespace's <c>user:key</c>.
/// </summary>
/// <remarks>
/// Source: Apache OpenWhisk REST API, "Actions", blocking invocations that answer with the result only.
/// </remarks>
internal sealed class OpenWhiskTarget : IRemoteTarget
{
    private static readonly Dictionary<string, string?> Wait =
        new(StringComparer.Ordinal) { ["blocking"] = "true", ["result"] = "true" };

    public string Type => "openwhisk";

    public Prepared Prepare(RemoteCall call)
    {
        if (!Uri.TryCreate(QueryHelpers.AddQueryString(call.Command.LocationUrl, Wait), UriKind.Absolute, out var url))
        {
            return Prepared.Wrong("The command's location_url is no URL.");
        }

        if (call.Secret is { } secret && !secret.Contains(':', StringComparison.Ordinal))
        {
            return Prepared.Wrong("The secret of an OpenWhisk command must be user:key.");
        }

        var headers = new Dictionary<string, string>(call.Command.Headers, StringComparer.OrdinalIgnoreCase)
        {
            ["X-Rookery-Source"] = "router",
            ["X-Rookery-Execution-Id"] = call.ExecutionId.ToString(),
        };
        if (call.Secret is not null)
        {
            headers["Authorization"] = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(call.Secret))}";
        }

        var request =
            new GuardedRequest(HttpMethod.Post, url, call.Command.Timeout) { Body = call.Json, Headers = headers };
        return Prepared.Call(request, url.GetLeftPart(UriPartial.Path));
    }
}
