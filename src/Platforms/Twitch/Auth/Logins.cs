using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Twitch.Auth;

/// <summary>What a finished login changes: a token, and with it a channel.</summary>
internal sealed class Logins(
    Database db,
    OAuth oauth,
    Tokens tokens,
    ChannelStore channels,
    Changes changes,
    AuditLog audit,
    IOptions<TwitchOptions> options,
    TimeProvider clock)
{
    public async Task<IResult> FinishAsync(string purpose, string code, Uri redirect, CancellationToken ct)
    {
        var grant = await oauth.ExchangeAsync(code, redirect, ct);
        if (grant.Token is not { } granted)
        {
            return Failed(grant.Error!);
        }

        var (who, error) = await oauth.ValidateAsync(granted.AccessToken, ct);
        if (who is not { UserId: { } user, Login: { } login })
        {
            return Failed(error ?? "the token is not valid.");
        }

        var isBot = user == options.Value.BotUserId;
        if (isBot != (purpose == "bot"))
        {
            return Problems.Forbidden(isBot
                ? "This is the bot's own account; log it in with ?as=bot."
                : $"This is the account {login} ({user}), and the bot is {options.Value.BotUserId}; log in to Twitch as that.");
        }

        if (!isBot && !options.Value.OpenToChannels && await channels.FindAsync(user, ct) is not { IsActive: true })
        {
            return Problems.Forbidden($"The channel {login} is not served here; its operator has to add it first.");
        }

        await SaveAsync(granted, user, login, who.Scopes ?? [], isBot, ct);
        tokens.Forget(user);
        changes.Ring();
        return TypedResults.Content(
            $"<!doctype html><title>Done</title><p>{WebUtility.HtmlEncode(login)} is connected. You can close this page.</p>",
            "text/html; charset=utf-8");
    }

    private Task SaveAsync(
        GrantedToken granted, string user, string login, IReadOnlyList<string> scopes, bool isBot, CancellationToken ct)
    {
        var token = new UserToken(
            user,
            granted.AccessToken,
            granted.RefreshToken,
            clock.GetUtcNow().AddSeconds(granted.ExpiresIn),
            scopes.ToHashSet(StringComparer.Ordinal));
        return db.TransactionAsync(
            async transaction =>
            {
                await tokens.SaveAsync(transaction, token, ct);
                if (!isBot)
                {
                    await channels.SaveAsync(transaction, user, login, $"twitch:{user}", ct);
                }

                var details = new JsonObject { ["login"] = login, ["scopes"] = string.Join(' ', token.Scopes) };
                await audit.WriteAsync(transaction, 0, $"twitch:{user}", "twitch.logged_in", details, ct);
            },
            ct);
    }

    private static IResult Failed(string why) =>
        TypedResults.Problem($"The login failed: {why}", statusCode: StatusCodes.Status502BadGateway);
}
