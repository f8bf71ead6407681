using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace Rookery.Kernel.Web;

/// <summary>
/// The one client for calls to the outside. Private addresses are refused at the moment of connecting, so a name that
/// changes its address or a redirect finds the same guard; what goes wrong comes back as a value.
/// </summary>
public sealed class GuardedHttp : IDisposable
{
    private const int MaxRedirects = 3;
    private const int MaxUrl = 2048;

    private static readonly string UserAgent = $"Rookery/{typeof(GuardedHttp).Assembly.GetName().Version?.ToString(3)}";

    private readonly GuardedHttpOptions _options;
    private readonly TimeProvider _clock;
    private readonly AddressGuard _guard;
    private readonly HttpMessageInvoker _http;

    public GuardedHttp(IOptions<GuardedHttpOptions> options, TimeProvider clock)
    {
        _options = options.Value;
        _clock = clock;
        _guard = new AddressGuard(_options.AllowedPrivateHosts);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = _options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseDrainSize = 0,
            ConnectCallback = _guard.ConnectAsync,
        });
    }

    /// <summary>A client for addresses from the operator's own configuration, which may be private ones.</summary>
    public static GuardedHttp Trusting(IEnumerable<Uri> addresses, TimeProvider clock) => new(
        Microsoft.Extensions.Options.Options.Create(new GuardedHttpOptions
        {
            AllowedPrivateHosts = [.. addresses.Select(a => $"{a.Host}:{a.Port.ToString(CultureInfo.InvariantCulture)}")],
            MaxResponseBytes = 16 * 1024 * 1024,
        }),
        clock);

    /// <summary>Says what is wrong with a URL as far as it can be told without calling it.</summary>
    /// <returns>Null when nothing is; else a sentence without its subject, for <see cref="Checks"/>.</returns>
    public string? CheckUrl(string? url) =>
        url is { Length: > 0 and <= MaxUrl } && Uri.TryCreate(url, UriKind.Absolute, out var parsed)
        ? _guard.Check(parsed)
        : $"must be an absolute http or https URL of at most {MaxUrl} characters.";

    /// <summary>Says what is wrong with a header that a call is to carry.</summary>
    /// <returns>Null when nothing is; else a sentence without its subject.</returns>
    public static string? CheckHeader(string name, string? value) => HeaderRules.Check(name, value);

    /// <summary>Calls a URL. Never throws for what the target or the network does.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<GuardedResponse> SendAsync(GuardedRequest request, CancellationToken ct)
    {
        foreach (var (name, value) in request.Headers)
        {
            if (HeaderRules.Check(name, value) is { } wrong)
            {
                return GuardedResponse.Failed(HttpFailure.Refused, $"The header {name} {wrong}");
            }
        }

        using var timer = new CancellationTokenSource(request.Timeout, _clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
        try
        {
            return await FollowAsync(request, limit.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            var seconds = request.Timeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
            return e.InnerException is TimeoutException && !timer.IsCancellationRequested
                ? GuardedResponse.Failed(HttpFailure.Connect, "The target did not accept a connection in time.")
                : GuardedResponse.Failed(HttpFailure.Timeout, $"The target did not answer within {seconds} s.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException && !ct.IsCancellationRequested)
        {
            return Explain(e);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<GuardedResponse> FollowAsync(GuardedRequest request, CancellationToken ct)
    {
        var (url, headers) = (request.Url, request.Headers);
        for (var hop = 0; ; hop++)
        {
            if (_guard.Check(url) is { } wrong)
            {
                return GuardedResponse.Failed(HttpFailure.Refused, $"The URL {wrong}");
            }

            using var message = Message(request, url, headers);
            using var response = await _http.SendAsync(message, ct);
            if (Redirect(response, url) is not { } next)
            {
                return await ReadAsync(response, ct);
            }

            if (WhyNot(request.Method, url, next, hop) is { } refusal)
            {
                return GuardedResponse.Failed(HttpFailure.Redirect, refusal, (int)response.StatusCode);
            }

            // Headers may hold a token or a signature, which are for the origin they were made for.
            headers = url.GetLeftPart(UriPartial.Authority) == next.GetLeftPart(UriPartial.Authority)
                ? headers
                : GuardedRequest.NoHeaders;
            url = next;
        }
    }

    private static string? WhyNot(HttpMethod method, Uri from, Uri to, int hop) =>
        method != HttpMethod.Get ? $"The target redirects a {method}, which is not followed; use its final address."
        : hop == MaxRedirects ? $"The target redirects more than {MaxRedirects} times."
        : from.Scheme == Uri.UriSchemeHttps
            && to.Scheme != from.Scheme ? "The target redirects from https to http, which is not followed."
        : null;

    private static HttpRequestMessage Message(
        GuardedRequest request, Uri url, IReadOnlyDictionary<string, string> headers)
    {
        var message = new HttpRequestMessage(request.Method, url);
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(request.Body));
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }

        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        foreach (var (name, value) in headers)
        {
            // One that describes the body goes with the body, and one of the caller's takes the place of ours.
            HttpHeaders? target = HeaderRules.IsOfBody(name) ? message.Content?.Headers : message.Headers;
            target?.Remove(name);
            target?.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    private static Uri? Redirect(HttpResponseMessage response, Uri url) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308
            && response.Headers.Location is { } location && Uri.TryCreate(url, location, out var next) ? next : null;

    private async Task<GuardedResponse> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var tooLarge = GuardedResponse.Failed(
            HttpFailure.TooLarge, $"The target's answer is longer than {_options.MaxResponseBytes} bytes.", status);
        if (response.Content.Headers.ContentLength > _options.MaxResponseBytes)
        {
            return tooLarge;
        }

        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + read > _options.MaxResponseBytes)
            {
                return tooLarge;
            }

            body.Write(buffer, 0, read);
        }

        return new GuardedResponse
        {
            Status = status,
            Body = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length),
            Headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                .ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            RetryAfter = Wait(response.Headers.RetryAfter),
        };
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? asked) =>
        (asked?.Delta ?? asked?.Date - _clock.GetUtcNow()) is not { } wait
            ? null
            : wait > TimeSpan.Zero
            ? wait
            : TimeSpan.Zero;

    private static GuardedResponse Explain(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is AddressGuard.AddressRefusedException)
            {
                return GuardedResponse.Failed(HttpFailure.Refused, inner.Message);
            }
        }

        // Who hangs up before HttpClient has looked whom it talks to makes it throw this one bare.
        var kind = e is SocketException ? HttpRequestError.ConnectionError : (e as HttpRequestException)?.HttpRequestError;
        var (failure, error) = kind switch
        {
            HttpRequestError.NameResolutionError => (HttpFailure.Connect, "The target's host name is unknown."),
            HttpRequestError.ConnectionError => (HttpFailure.Connect, "The target does not accept connections."),
            HttpRequestError.SecureConnectionError =>
                (HttpFailure.Connect, "No secure connection to the target could be made; look at its certificate."),
            _ => (HttpFailure.Protocol, "The connection to the target broke, or it does not speak HTTP."),
        };
        return GuardedResponse.Failed(failure, error);
    }
}
