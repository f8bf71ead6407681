using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Rookery.Simulators.Slack;

/// <summary>Consent and tokens: codes and refresh tokens are good for one use.</summary>
internal sealed class SlackOAuth(SlackSimulator slack, SlackState state)
{
    private const int Lifetime = 43_200;
    private readonly ConcurrentDictionary<string, string> _codes = new(StringComparer.Ordinal);

    /// <summary>The page on which somebody consents: he always does, for the workspace of <c>_control/workspace</c>.</summary>
    public void Map(WebApplication app) => app.MapGet("/oauth/v2/authorize", (string client_id, string redirect_uri, string state) =>
    {
        if (client_id != slack.ClientId)
        {
            return Results.BadRequest("invalid_client_id");
        }

        var code = $"code-{Number()}";
        _codes[code] = slack.NextWorkspace;
        return Results.Redirect(QueryHelpers.AddQueryString(
            redirect_uri, new Dictionary<string, string?>(StringComparer.Ordinal) { ["code"] = code, ["state"] = state }));
    });

    public JsonObject Access(string authorization, JsonObject fields)
    {
        var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{slack.ClientId}:{slack.ClientSecret}"));
        if (authorization != $"Basic {expected}")
        {
            return SlackWebApi.Error("bad_client_secret");
        }

        if (SlackWebApi.Text(fields, "grant_type") == "refresh_token")
        {
            var refresh = SlackWebApi.Text(fields, "refresh_token") ?? "";
            return slack.ForgivesRefresh && state.Refreshes.TryGetValue(refresh, out var team) ? Grant(team)
                : state.Refreshes.TryRemove(refresh, out var renewed) ? Grant(renewed)
                : SlackWebApi.Error("invalid_refresh_token");
        }

        return _codes.TryRemove(SlackWebApi.Text(fields, "code") ?? "", out var consented)
            ? Grant(consented)
            : SlackWebApi.Error("invalid_code");
    }

    private JsonObject Grant(string team)
    {
        var token = $"xoxe.xoxb-{team}-{Number()}";
        state.Tokens[token] = team;
        var grant = new JsonObject
        {
            ["ok"] = true,
            ["access_token"] = token,
            ["token_type"] = "bot",
            ["scope"] = "chat:write,commands",
            ["bot_user_id"] = slack.BotUser,
            ["app_id"] = "A1",
            ["team"] = new JsonObject { ["id"] = team, ["name"] = $"Team {team}" },
            ["enterprise"] = null,
            ["authed_user"] = new JsonObject { ["id"] = "UADMIN" },
        };
        if (slack.LendsUserToken)
        {
            var lent = $"xoxp-{team}-{Number()}";
            state.UserTokens[lent] = team;
            grant["authed_user"]!["access_token"] = lent;
        }

        if (slack.RotatesTokens)
        {
            var refresh = $"xoxe-1-{team}-{Number()}";
            state.Refreshes[refresh] = team;
            grant["refresh_token"] = refresh;
            grant["expires_in"] = Lifetime;
        }

        return grant;
    }

    private string Number() => state.Number().ToString(CultureInfo.InvariantCulture);
}
