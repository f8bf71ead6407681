using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Twitch;

/// <summary>Calls to the configured addresses of Twitch, and to no other.</summary>
internal sealed class TwitchHttp(IOptions<TwitchOptions> options, TimeProvider clock) : IDisposable
{
    private readonly GuardedHttp _http = GuardedHttp.Trusting([options.Value.ApiBaseUrl, options.Value.AuthBaseUrl], clock);

    /// <param name="path">After the base address, with its query.</param>
    public Task<GuardedResponse> SendAsync(
        HttpMethod method,
        Uri baseUrl,
        string path,
        IReadOnlyDictionary<string, string> headers,
        string? body,
        string contentType,
        CancellationToken ct) =>
        _http.SendAsync(
            new GuardedRequest(method, Join(baseUrl, path), options.Value.CallTimeout)
            {
                Body = body,
                ContentType = contentType,
                Headers = headers,
            },
            ct);

    public static Uri Join(Uri baseUrl, string path) => new($"{baseUrl.AbsoluteUri.TrimEnd('/')}/{path}");

    public void Dispose() => _http.Dispose();
}
