using Microsoft.AspNetCore.Diagnostics;

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
            file.Context.Response.Headers.ContentSecurityPolicy = Policy;
            file.Context.Response.Headers.CacheControl = "no-cache";
        },
    };

    /// <summary>An answer without a body: a page for people who look for one that is not there, a problem for the rest.</summary>
    public static async Task ExplainAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        if (http.Response.StatusCode == 404 && HttpMethods.IsGet(http.Request.Method) && WantsPage(http.Request))
        {
            http.Response.Headers.ContentSecurityPolicy = Policy;
            http.Response.ContentType = "text/html; charset=utf-8";
            var page = http.RequestServices.GetRequiredService<IWebHostEnvironment>().WebRootFileProvider.GetFileInfo("not-found.html");
            await http.Response.SendFileAsync(page, http.RequestAborted);
            return;
        }

        await http.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(
            new ProblemDetailsContext { HttpContext = http, ProblemDetails = { Status = http.Response.StatusCode } });
    }

    private static bool WantsPage(HttpRequest request) => request.GetTypedHeaders().Accept.Any(
        a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));
}
