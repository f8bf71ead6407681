using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Twitch.Auth;

/// <summary>Tokens that are good for a call: kept in memory, renewed before they end and when Twitch refuses them.</summary>
internal sealed partial class Tokens(
    Database db, TokenStore store, OAuth oauth, TimeProvider clock, ILogger<Tokens> log) : IDisposable
{
    /// <summary>A token is renewed when it has less than this left.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    /// <summary>Between two tries to renew a token while Twitch's answers are no answers.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, string Error)> _waits = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _appTurn = new(1, 1);
    private readonly ConcurrentDictionary<string, UserToken> _users = new(StringComparer.Ordinal);
    private (string Token, DateTimeOffset ExpiresAt)? _app;

    /// <param name="refused">A token Twitch refused, which is not to come again.</param>
    /// <returns>Null when Twitch gives none; the log says why.</returns>
    /// <exception cref="TokensAwayException">Twitch cannot be asked now.</exception>
    public async Task<string?> AppAsync(string? refused, CancellationToken ct)
    {
        await _appTurn.WaitAsync(ct);
        try
        {
            if (_app is { } known && known.Token != refused && known.ExpiresAt - Margin > clock.GetUtcNow())
            {
                return known.Token;
            }

            var grant = await oauth.AppAsync(ct);
            if (grant.Token is not { } token)
            {
                if (grant.IsFinal)
                {
                    NoAppToken(grant.Error!);
                    return null;
                }

                return _app is { } old && old.Token != refused && old.ExpiresAt > clock.GetUtcNow()
                    ? old.Token
                    : throw new TokensAwayException(grant.Error!);
            }

            _app = (token.AccessToken, clock.GetUtcNow().AddSeconds(token.ExpiresIn));
            return token.AccessToken;
        }
        finally
        {
            _appTurn.Release();
        }
    }

    /// <summary>One that ends soon and cannot be renewed now goes on until it ends.</summary>
    /// <returns>Null when there is none, or none that works any more.</returns>
    /// <exception cref="TokensAwayException">It is over, and Twitch cannot be asked now.</exception>
    public async Task<UserToken?> UserAsync(string userId, CancellationToken ct)
    {
        var token = _users.TryGetValue(userId, out var known) ? known : await store.FindAsync(userId, ct);
        if (token is not null && token.ExpiresAt - Margin > clock.GetUtcNow())
        {
            _users[userId] = token;
            return token;
        }

        if (token is null)
        {
            return null;
        }

        try
        {
            return await RefreshAsync(userId, token.AccessToken, ct);
        }
        catch (TokensAwayException) when (token.ExpiresAt > clock.GetUtcNow())
        {
            return token;
        }
    }

    /// <summary>
    /// Renews a person's token. Twitch may end the old refresh token at once, so the row stays locked from the question to
    /// the storing of the answer: whoever comes second finds what the first one got.
    /// </summary>
    /// <param name="stale">The access token that does not do any more.</param>
    /// <exception cref="TokensAwayException">Twitch cannot be asked now.</exception>
    public async Task<UserToken?> RefreshAsync(string userId, string stale, CancellationToken ct)
    {
        _users.TryRemove(userId, out _);
        // Once Twitch has answered, the answer must be kept, whoever has stopped waiting.
        var fresh = await db.TransactionAsync(
            async transaction =>
            {
                var token = await store.LockAsync(transaction, userId, ct);
                return token is null || token.AccessToken != stale
                    ? token
                    : await RenewAsync(transaction, token, CancellationToken.None);
            },
            CancellationToken.None);
        if (fresh is not null)
        {
            _users[userId] = fresh;
        }

        return fresh;
    }

    public async Task SaveAsync(Session session, UserToken token, CancellationToken ct)
    {
        await store.SaveAsync(session, token, ct);
        _users.TryRemove(token.UserId, out _);
    }

    /// <summary>Reads a person's token anew; "" everybody's.</summary>
    public void Forget(string userId)
    {
        if (userId.Length == 0)
        {
            _users.Clear();
        }
        else
        {
            _users.TryRemove(userId, out _);
        }
    }

    public void Dispose() => _appTurn.Dispose();

    private async Task<UserToken?> RenewAsync(Transaction transaction, UserToken token, CancellationToken ct)
    {
        if (token.RefreshToken is not { } refresh)
        {
            return null;
        }

        if (_waits.TryGetValue(token.UserId, out var wait) && wait.Until > clock.GetUtcNow())
        {
            throw new TokensAwayException(wait.Error);
        }

        var grant = await oauth.RefreshAsync(refresh, ct);
        if (grant.Token is not { } granted)
        {
            NotRefreshed(token.UserId, grant.Error!);
            if (!grant.IsFinal)
            {
                _waits[token.UserId] = (clock.GetUtcNow() + Pause, grant.Error!);
                throw new TokensAwayException(grant.Error!);
            }

            await store.SaveAsync(transaction, token with { RefreshToken = null }, ct);
            return null;
        }

        var fresh = token with
        {
            AccessToken = granted.AccessToken,
            RefreshToken = granted.RefreshToken ?? refresh,
            ExpiresAt = clock.GetUtcNow().AddSeconds(granted.ExpiresIn),
            Scopes = granted.Scope?.ToHashSet(StringComparer.Ordinal) ?? token.Scopes,
        };
        await store.SaveAsync(transaction, fresh, ct);
        return fresh;
    }

    [LoggerMessage(
        LogLevel.Error,
        "Twitch gives no token to the application ({Error}); check Platforms:Twitch:ClientId and ClientSecret.")]
    private partial void NoAppToken(string error);

    [LoggerMessage(
        LogLevel.Error,
        "The Twitch token of user {User} could not be renewed ({Error}). If that stays so, log in again at /platforms/twitch/login.")]
    private partial void NotRefreshed(string user, string error);
}

/// <summary>Twitch cannot be asked for a token now; later it can.</summary>
internal sealed class TokensAwayException(string error) : Exception(error);
