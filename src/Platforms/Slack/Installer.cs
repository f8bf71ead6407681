using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Slack;

/// <summary>Trades the code of a consent for tokens and keeps them.</summary>
internal sealed class Installer(
    SlackApi api, TokenStore store, Tokens tokens, SlackIntake intake, Database db, IOptions<SlackOptions> options, TimeProvider clock)
{
    public async Task<(Workspace? Workspace, string? Error)> InstallAsync(string code, string back, CancellationToken ct)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code, ["redirect_uri"] = back };
        var answer = await api.AuthorizeAsync(options.Value, fields, ct);
        if (!answer.Ok)
        {
            return (null, $"Slack did not give a token ({answer.Error}). Begin again at /platforms/slack/install.");
        }

        var body = answer.Body;
        if (body.Text("team", "id") is not { } team || body.Text("access_token") is not { } access)
        {
            return (null, "Slack gave no token for a workspace; install the app in a workspace, not in an organisation.");
        }

        // A lent token that expires could not be renewed: there is no place for its refresh token.
        var lender = body.At("authed_user");
        var lent = lender?.At("expires_in") is null ? lender?.Text("access_token") : null;
        var token = new SlackToken(team, access)
        {
            RefreshToken = body.Text("refresh_token"),
            ExpiresAt = Tokens.ExpiryOf(body, clock.GetUtcNow()),
            Scope = body.Text("scope"),
            UserToken = lent,
            AppId = body.Text("app_id"),
            EnterpriseId = body.Text("enterprise", "id"),
        };
        var workspace = new Workspace(
            team, body.Text("team", "name") ?? team, lender?.Text("id"), body.Text("bot_user_id"), body.Text("app_id"));
        await db.TransactionAsync(
            async transaction =>
            {
                await store.SaveAsync(transaction, token, ct);
                await store.EnterAsync(transaction, workspace, ct);
            },
            ct);
        tokens.Forget(team);
        await intake.AcceptAsync(Installed(workspace, code));
        return (workspace, null);
    }

    /// <summary>Slack sends no event when it is installed; this one takes the way of all others.</summary>
    private static JsonElement Installed(Workspace workspace, string code) => JsonElement.Parse(new JsonObject
    {
        ["type"] = "event_callback",
        ["team_id"] = workspace.Team,
        ["event_id"] = $"installed:{workspace.Team}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)))[..16]}",
        ["event"] = new JsonObject { ["type"] = "app_installed", ["name"] = workspace.Name, ["user"] = workspace.OwnerId },
    }.ToJsonString());
}
