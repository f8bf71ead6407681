using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>What the bot whispers, with Twitch's limits. It stands in the ledger under the id of the person it is for.</summary>
public sealed class Whispers(Ledger ledger, TimeProvider clock)
{
    private const int MostPeople = 40;
    private const int PerSecond = 3;
    private const int PerMinute = 100;
    private const int MaxLength = 500;

    private readonly Lock _gate = new();
    private readonly List<DateTimeOffset> _sent = [];
    private readonly HashSet<string> _people = new(StringComparer.Ordinal);
    private (int Status, int Times, bool Acts) _failure;

    /// <summary>People who take no whispers.</summary>
    public ConcurrentDictionary<string, bool> TakesNone { get; } = new(StringComparer.Ordinal);

    /// <summary>The next calls are answered with an error.</summary>
    /// <param name="acts">They do their work all the same; only the answers are lost.</param>
    public void Fail(int status, int times, bool acts = false) => _failure = (status, times, acts);

    internal IResult Send(GivenToken token, IQueryCollection query, JsonObject body)
    {
        var (from, to, text) = (query["from_user_id"].ToString(), query["to_user_id"].ToString(), body["message"]?.GetValue<string>() ?? "");
        if (token.UserId != from || !token.Scopes.Contains("user:manage:whispers", StringComparer.Ordinal))
        {
            return Accounts.Error(401, "the sender must be the token's user, with user:manage:whispers");
        }

        if (text.Length == 0 || from == to)
        {
            return Accounts.Error(400, "The message must not be empty, and nobody whispers to themselves");
        }

        if (TakesNone.ContainsKey(to))
        {
            return Accounts.Error(400, "The user that you're sending the whisper to doesn't allow whisper messages");
        }

        lock (_gate)
        {
            var fails = _failure.Times > 0;
            _failure.Times -= fails ? 1 : 0;
            if (fails && !_failure.Acts)
            {
                return Accounts.Error(_failure.Status, "simulated");
            }

            if (IsTooMuch(to))
            {
                return new TooMany();
            }

            ledger.Add(clock.GetUtcNow(), "said", to, null, text[..Math.Min(text.Length, MaxLength)], isPrivate: true);
            return fails ? Accounts.Error(_failure.Status, "simulated") : Results.NoContent();
        }
    }

    private bool IsTooMuch(string to)
    {
        var now = clock.GetUtcNow();
        _sent.RemoveAll(s => s <= now.AddMinutes(-1));
        if (_sent.Count >= PerMinute || _sent.Count(s => s > now.AddSeconds(-1)) >= PerSecond
            || (_people.Count >= MostPeople && !_people.Contains(to)))
        {
            return true;
        }

        _people.Add(to);
        _sent.Add(now);
        return false;
    }

    /// <summary>The calls of the API are not used up; only whispers are.</summary>
    private sealed class TooMany : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers["Ratelimit-Limit"] = "800";
            httpContext.Response.Headers["Ratelimit-Remaining"] = "790";
            return Accounts.Error(429, "You have exceeded the number of whisper requests").ExecuteAsync(httpContext);
        }
    }
}
