using System.Text.Json.Serialization.Metadata;

namespace Rookery.Platforms.Slack;

/// <summary>Calls methods as the bot of a workspace: finds its token, renews an expired one, notes when it is no good any more.</summary>
internal sealed class WorkspaceCalls(SlackApi api, Tokens tokens, TokenRenewal renewal, TimeProvider clock)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    public Task<SlackAnswer> SendAsync<T>(
        string method, string team, T body, JsonTypeInfo<T> type, string? channel, CancellationToken ct) =>
        CallAsync(team, t => api.SendAsync(method, team, t.AccessToken, body, type, channel, ct), ct);

    /// <summary>As the one who installed the app, where he lent his token; else as the bot.</summary>
    public Task<SlackAnswer> SendAsUserAsync<T>(
        string method, string team, T body, JsonTypeInfo<T> type, CancellationToken ct) =>
        CallAsync(team, t => api.SendAsync(method, team, t.UserToken ?? t.AccessToken, body, type, null, ct), ct);

    public Task<SlackAnswer> AskAsync(
        string method, string team, IReadOnlyDictionary<string, string> fields, CancellationToken ct) =>
        CallAsync(team, t => api.AskAsync(method, team, t.AccessToken, fields, ct), ct);

    private async Task<SlackAnswer> CallAsync(
        string team, Func<SlackToken, Task<SlackAnswer>> call, CancellationToken ct)
    {
        if (await tokens.FindAsync(team, ct) is not { } token)
        {
            return new SlackAnswer(default, $"The bot is not in the Slack workspace {team}.");
        }

        var answer = await call(token);
        if (answer.Error == "token_expired"
            && await renewal.RenewAsync(team, clock.GetUtcNow() + Margin, token.AccessToken, ct) is { } renewed)
        {
            answer = await call(renewed);
        }

        if (answer.Error is "account_inactive" or "token_revoked" && token.UserToken is null)
        {
            await tokens.LeaveAsync(team, clock.GetUtcNow(), ct);
        }

        return answer;
    }
}
