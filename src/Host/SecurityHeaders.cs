namespace Rookery.Host;

/// <summary>
/// What every answer tells browsers: it is what it says it is, stands in nobody's frame, gives no address away, and runs
/// nothing. Pages say themselves what they run.
/// </summary>
internal static class SecurityHeaders
{
    public static Task AddAsync(HttpContext http, RequestDelegate next)
    {
        // At the last moment: whoever answers an exception clears the headers first.
        http.Response.OnStarting(
            static state =>
            {
                var headers = ((HttpResponse)state).Headers;
                headers.XContentTypeOptions = "nosniff";
                headers.XFrameOptions = "DENY";
                headers["Referrer-Policy"] = "no-referrer";
                headers.TryAdd("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
                return Task.CompletedTask;
            },
            http.Response);
        return next(http);
    }
}
