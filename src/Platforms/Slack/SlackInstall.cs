using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Slack;

/// <summary>Lets an admin of a workspace install the app there (OAuth v2); Slack asks for his consent.</summary>
internal static class SlackInstall
{
    private const string Folder = "/platforms/slack";
    private const string Cookie = "rookery_slack_install";

    public static void Map(RouteGroupBuilder root)
    {
        var slack = root.MapGroup(Folder).NeedsNoKey().WithTags("slack");
        slack.MapGet("/install", Begin).WithSummary("Sends a browser to Slack to install the app in a workspace.");
        slack.MapGet("/oauth", FinishAsync).WithSummary("Where Slack sends the browser back to.");
    }

    private static Results<RedirectHttpResult, ProblemHttpResult> Begin(
        HttpContext http, IOptions<SlackOptions> options, IConfiguration configuration, InstallState states)
    {
        var app = options.Value;
        if (!app.IsInstallOn)
        {
            return Off();
        }

        var state = states.Make();
        http.Response.Cookies.Append(Cookie, state, new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = InstallState.Lifetime,
            Path = Folder,
            SameSite = SameSiteMode.Lax,
            Secure = Back(http, configuration).StartsWith("https:", StringComparison.Ordinal),
        });
        return TypedResults.Redirect(QueryHelpers.AddQueryString(app.AuthorizeUrl.AbsoluteUri, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["client_id"] = app.ClientId,
            ["scope"] = app.Scopes,
            ["user_scope"] = app.UserScopes,
            ["redirect_uri"] = Back(http, configuration),
            ["state"] = state,
        }));
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> FinishAsync(
        HttpContext http,
        IOptions<SlackOptions> options,
        IConfiguration configuration,
        InstallState states,
        Installer installer,
        CancellationToken ct)
    {
        if (!options.Value.IsInstallOn)
        {
            return Off();
        }

        var query = http.Request.Query;
        if (await states.RefuseAsync(query["state"], http.Request.Cookies[Cookie], ct) is { } why)
        {
            return Problems.Invalid("state", why);
        }

        http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = Folder });
        if (query["code"].ToString() is not { Length: > 0 } code)
        {
            return Problems.Invalid("code", $"Slack did not allow it: {query["error"]}. Nothing was installed.");
        }

        var (workspace, error) = await installer.InstallAsync(code, Back(http, configuration), ct);
        return workspace is null
            ? Problems.Invalid("code", error!)
            : TypedResults.Text($"Rookery is installed in {workspace.Name}. You may close this page.");
    }

    private static ProblemHttpResult Off() =>
        Problems.NotFound("Installing is off here: Platforms:Slack:ClientId and ClientSecret are not set.");

    /// <summary>The address under which Slack's app settings know us; without <c>PublicBaseUrl</c> the one the browser used.</summary>
    private static string Back(HttpContext http, IConfiguration configuration) =>
        (configuration["PublicBaseUrl"] is { Length: > 0 } told ? told.TrimEnd('/') : $"{http.Request.Scheme}://{http.Request.Host}")
        + $"{Folder}/oauth";
}
