using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Slack;

/// <summary>Lets an admin of a workspace install the app there (OAuth v2); Slack asks for his consent.</summary>
internal static class SlackInstall
{
    private const string Folder = "/platforms/slack";

    public static void Map(RouteGroupBuilder root)
    {
        var slack = root.MapGroup(Folder).NeedsNoKey().WithTags("slack");
        slack.MapGet("/install", Begin).WithSummary("Sends a browser to Slack to install the app in a workspace.");
        slack.MapGet("/oauth", FinishAsync).WithSummary("Where Slack sends the browser back to.");
    }

    private static Results<RedirectHttpResult, ProblemHttpResult> Begin(
        HttpContext http, IOptions<SlackOptions> options, PublicAddress address, LoginStates states)
    {
        var app = options.Value;
        if (!app.IsInstallOn)
        {
            return Off();
        }

        var back = Back(http, address);
        return TypedResults.Redirect(QueryHelpers.AddQueryString(app.AuthorizeUrl.AbsoluteUri, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["client_id"] = app.ClientId,
            ["scope"] = app.Scopes,
            ["user_scope"] = app.UserScopes,
            ["redirect_uri"] = back.AbsoluteUri,
            ["state"] = states.Begin(http, Platform.Slack, "install", back).State,
        }));
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> FinishAsync(
        HttpContext http,
        IOptions<SlackOptions> options,
        PublicAddress address,
        LoginStates states,
        Installer installer,
        CancellationToken ct)
    {
        if (!options.Value.IsInstallOn)
        {
            return Off();
        }

        var query = http.Request.Query;
        if (await states.FinishAsync(http, Platform.Slack, query["state"], ct) is { Problem: { } problem })
        {
            return Problems.Invalid("state", $"This installation {problem}; begin again at {Folder}/install.");
        }

        if (query["code"].ToString() is not { Length: > 0 } code)
        {
            return Problems.Invalid("code", $"Slack did not allow it: {query["error"]}. Nothing was installed.");
        }

        var (workspace, error) = await installer.InstallAsync(code, Back(http, address).AbsoluteUri, ct);
        return workspace is null
            ? Problems.Invalid("code", error!)
            : TypedResults.Text($"Rookery is installed in {workspace.Name}. You may close this page.");
    }

    private static ProblemHttpResult Off() =>
        Problems.NotFound("Installing is off here: Platforms:Slack:ClientId and ClientSecret are not set.");

    /// <summary>The address under which Slack's app settings know us; without <c>PublicBaseUrl</c> the one the browser used.</summary>
    private static Uri Back(HttpContext http, PublicAddress address) =>
        address.Of($"{Folder}/oauth") ?? new Uri($"{http.Request.Scheme}://{http.Request.Host}{Folder}/oauth");
}
