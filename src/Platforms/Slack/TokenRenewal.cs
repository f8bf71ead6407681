using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Slack;

/// <summary>
/// Trades refresh tokens for new pairs. A refresh token is good for one use, so between Slack's answer and its storing a
/// workspace can be lost: the intent is stored first, and one whose end nobody knows is tried with the old token, which
/// Slack may take yet when it saw nothing of the first. Else a person is told what to do.
/// </summary>
/// <remarks>Source: Slack, Using token rotation: a refresh token is revoked when it is used.</remarks>
internal sealed partial class TokenRenewal(
    TokenStore store,
    Tokens tokens,
    SlackApi api,
    Database db,
    PublicAddress address,
    IOptions<SlackOptions> options,
    TimeProvider clock,
    ILogger<TokenRenewal> log)
{
    private const string InstallPath = "platforms/slack/install";

    /// <summary>Renews the token of a workspace, unless another node has done so.</summary>
    /// <param name="goodUntil">A token that expires later is left as it is,</param>
    /// <param name="refused">unless it is this one, which Slack takes for expired whatever was said when it was given.</param>
    /// <returns>The token that is good now; null when there is none or Slack gave none.</returns>
    public async Task<SlackToken?> RenewAsync(string team, DateTimeOffset goodUntil, string? refused, CancellationToken ct)
    {
        var known = await store.FindAsync(team, ct);
        if (known?.RefreshToken is null || (IsGood(known, goodUntil, refused) && known.RenewalBeganAt is null))
        {
            return known;
        }

        var isFirst = await store.BeginRenewalAsync(team, ct);
        var renewed = await db.TransactionAsync(
            async transaction =>
            {
                var token = await store.HoldAsync(transaction, team, ct);
                var doubt = isFirst ? null : token?.RenewalBeganAt;
                if (token?.RefreshToken is null || (doubt is null && IsGood(token, goodUntil, refused)))
                {
                    await store.EndRenewalAsync(transaction, team, null, ct);
                    return token;
                }

                return await AskAsync(transaction, token, doubt, ct);
            },
            ct);
        tokens.Forget(team);
        return renewed;
    }

    private static bool IsGood(SlackToken token, DateTimeOffset goodUntil, string? refused) =>
        token.ExpiresAt > goodUntil && token.AccessToken != refused;

    private async Task<SlackToken?> AskAsync(Session session, SlackToken token, DateTimeOffset? doubt, CancellationToken ct)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = token.RefreshToken!,
        };
        var answer = await api.AuthorizeAsync(options.Value, fields, ct);
        if (answer.Ok && answer.Body.Text("access_token") is { } access)
        {
            token = token with
            {
                AccessToken = access,
                RefreshToken = answer.Body.Text("refresh_token") ?? token.RefreshToken,
                ExpiresAt = Tokens.ExpiryOf(answer.Body, clock.GetUtcNow()),
                RenewalBeganAt = null,
            };
            await store.SaveAsync(session, token, ct);
            return token;
        }

        var reason = answer.Error ?? "the answer has no access_token";
        if (answer.RetryAfter is not null || answer.IsInDoubt)
        {
            // Whether Slack has done it is not known: the mark stays, and it is tried again soon.
            PutOff(token.Team, reason);
            return null;
        }

        var error = doubt is { } began
            ? $"A renewal was cut off at {began:u} before Slack's answer was stored, and Slack takes the old token no more ({reason})."
            : $"Slack does not renew the token ({reason}).";
        await store.EndRenewalAsync(session, token.Team, error, ct);
        Lost(token.Team, error, Cure);
        return null;
    }

    /// <summary>What a person has to do when a token is lost.</summary>
    public string Cure => $"Install the app there again: {address.Of(InstallPath)?.AbsoluteUri ?? $"/{InstallPath} of this server"}.";

    [LoggerMessage(LogLevel.Warning, "Slack gave no new token for {Team} ({Reason}); it is asked again.")]
    private partial void PutOff(string team, string reason);

    [LoggerMessage(LogLevel.Error, "The token of the Slack workspace {Team} is lost. {Why} {Cure}")]
    private partial void Lost(string team, string why, string cure);
}
