using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Slack;

/// <summary>The way to Slack's addresses, which the operator may have pointed at a server of the own network.</summary>
internal sealed class SlackHttp(IOptions<SlackOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly GuardedHttp _http = GuardedHttp.Trusting([options.Value.ApiBaseUrl], clock);

    public Task<GuardedResponse> PostAsync(
        Uri url, string body, string contentType, string? authorization, CancellationToken ct)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (authorization is not null)
        {
            headers["Authorization"] = authorization;
        }

        return _http.SendAsync(
            new GuardedRequest(HttpMethod.Post, url, Timeout) { Body = body, ContentType = contentType, Headers = headers }, ct);
    }

    public Uri Method(string name) => new($"{options.Value.ApiBaseUrl.AbsoluteUri.TrimEnd('/')}/{name}");

    public void Dispose() => _http.Dispose();
}
