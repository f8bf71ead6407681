namespace Rookery.Host;

/// <summary>
/// How the files of the web pages are served: to everybody, always asked for anew, and with a policy that runs nothing
/// but them.
/// </summary>
internal static class Pages
{
    private const string Policy =
        "default-src 'self'; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static StaticFileOptions Options { get; } = new()
    {
        OnPrepareResponse = file =>
        {
            var headers = file.Context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-cache";
        },
    };
}
