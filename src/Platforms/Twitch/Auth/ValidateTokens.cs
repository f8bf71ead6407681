using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;

namespace Rookery.Platforms.Twitch.Auth;

/// <summary>Asks Twitch hourly, as it demands, whether the tokens still hold; renews those that do not.</summary>
/// <remarks>Source: dev.twitch.tv/docs/authentication/validate-tokens.</remarks>
internal sealed partial class ValidateTokens(
    Database db,
    TokenStore store,
    Tokens tokens,
    OAuth oauth,
    IOptions<TwitchOptions> options,
    TimeProvider clock,
    ILogger<ValidateTokens> log) : IJob
{
    public TimeSpan Period => TimeSpan.FromHours(1);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        if (!options.Value.IsOn)
        {
            return;
        }

        foreach (var token in await store.ListAsync(ct))
        {
            if (token.RefreshToken is not null || token.ExpiresAt > clock.GetUtcNow())
            {
                try
                {
                    await ValidateAsync(token, ct);
                }
                catch (TokensAwayException e)
                {
                    NotValidated(token.UserId, e.Message);
                }
            }
        }
    }

    private async Task ValidateAsync(UserToken token, CancellationToken ct)
    {
        var (valid, error) = await oauth.ValidateAsync(token.AccessToken, ct);
        if (error is not null)
        {
            NotValidated(token.UserId, error);
            return;
        }

        if (valid is null)
        {
            await tokens.RefreshAsync(token.UserId, token.AccessToken, ct);
            return;
        }

        await db.TransactionAsync(
            async transaction =>
            {
                // Somebody may have renewed it meanwhile; then the answer is about a token that is gone.
                if (await store.LockAsync(transaction, token.UserId, ct) is { } now
                    && now.AccessToken == token.AccessToken)
                {
                    var scopes = (valid.Scopes ?? []).ToHashSet(StringComparer.Ordinal);
                    var ends = clock.GetUtcNow().AddSeconds(valid.ExpiresIn);
                    await tokens.SaveAsync(transaction, now with { Scopes = scopes, ExpiresAt = ends }, ct);
                }
            },
            ct);
    }

    [LoggerMessage(LogLevel.Warning, "Whether the Twitch token of user {User} still holds could not be asked: {Error}")]
    private partial void NotValidated(string user, string error);
}
