using System.Net;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators;

/// <summary>Where a real platform has its login form: whoever looks at it is whom they choose to be.</summary>
internal static class PeoplePage
{
    /// <param name="people">Ids and what they are called.</param>
    public static IResult Ask(HttpRequest request, string platform, IEnumerable<(string Id, string Name)> people)
    {
        var links = people.Select(p =>
            $"""<li><a href="{WebUtility.HtmlEncode($"{request.Path}{request.QueryString}&as={Uri.EscapeDataString(p.Id)}")}">{WebUtility.HtmlEncode(p.Name)}</a></li>""");
        return Results.Content(
            $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Simulated {{platform}}</title>
            <style>body { font: 18px/2 system-ui; margin: 3rem auto; max-width: 24rem; padding: 0 1rem }</style>
            <h1>Simulated {{platform}}</h1>
            <p>Who are you?</p>
            <ul>{{string.Concat(links)}}</ul>
            <p><a href="{{WebUtility.HtmlEncode($"{request.Path}{request.QueryString}&as=")}}">Do not sign in</a></p>
            </html>
            """,
            "text/html; charset=utf-8");
    }
}
