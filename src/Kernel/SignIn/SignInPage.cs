using System.Net;
using Microsoft.AspNetCore.Http;

namespace Rookery.Kernel.SignIn;

/// <summary>Why a sign-in did not work: a page for people, a problem for programs.</summary>
internal static class SignInPage
{
    public static IResult Problem(HttpContext http, int status, string why)
    {
        if (!http.Request.GetTypedHeaders().Accept.Any(a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase)))
        {
            return TypedResults.Problem(why, statusCode: status);
        }

        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        return TypedResults.Content(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>Not signed in – Rookery</title>
              <link rel="stylesheet" href="/app.css">
            </head>
            <body>
              <main class="key-screen">
                <div class="card">
                  <h1>That did not work</h1>
                  <p>{WebUtility.HtmlEncode(why)}</p>
                  <p><a href="/account">Back to signing in</a></p>
                </div>
              </main>
            </body>
            </html>
            """,
            "text/html; charset=utf-8",
            statusCode: status);
    }
}
