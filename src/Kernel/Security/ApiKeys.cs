using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Security;

/// <summary>A key as it may be shown: everything but the key.</summary>
public sealed record ApiKey(
    Guid Id,
    string Name,
    string Hint,
    IReadOnlyList<string> Scopes,
    long? CommunityId,
    int RatePerMinute,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt);

/// <summary>
/// The keys of the API. Only their SHA-256 is stored: a key has 256 random bits, so a slow hash would add nothing.
/// Known and unknown keys are kept in memory and forgotten when the table changes.
/// </summary>
public sealed class ApiKeys : IDisposable
{
    private const string Prefix = "rk_";
    private const int UnknownKept = 10_000;
    private static readonly TimeSpan NoteUseEvery = TimeSpan.FromMinutes(1);

    private readonly Database _db;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, Entry?> _seen = new(StringComparer.Ordinal);

    public ApiKeys(Database db, ChangeFeed feed, TimeProvider clock)
    {
        _db = db;
        _clock = clock;
        feed.On("api_keys", _ => Forget());
    }

    /// <summary>Makes a key. This is the only time it is seen.</summary>
    public async Task<(ApiKey Key, string Secret)> CreateAsync(
        string name, IReadOnlyList<string> scopes, long? community, int ratePerMinute, DateTimeOffset? expires, string by, CancellationToken ct)
    {
        var secret = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (await InsertAsync(secret, name, scopes, community, ratePerMinute, expires, by, ct), secret);
    }

    /// <summary>Makes sure that a key the operator chose works as an admin key.</summary>
    public async Task EnsureAdminAsync(string secret, CancellationToken ct)
    {
        if (await _db.Write.FindAsync($"select id from kernel.api_keys where key_hash = {Hash(secret)}", r => (object)r.GetGuid(0), ct) is null)
        {
            await InsertAsync(secret, "ROOKERY_ADMIN_KEY", [Scopes.Admin], null, 0, null, "environment", ct);
        }
    }

    public Task<bool> AnyAsync(CancellationToken ct) =>
        _db.Write.ValueAsync<bool>($"select exists (select from kernel.api_keys where revoked_at is null)", ct);

    public Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken ct) => _db.Read.ListAsync(
        $"""
        select id, name, hint, scopes, community_id, rate_per_minute, expires_at, created_at, created_by, last_used_at, revoked_at
        from kernel.api_keys order by created_at
        """,
        Read,
        ct);

    /// <returns>False when there is no such live key.</returns>
    public async Task<bool> RevokeAsync(Guid id, CancellationToken ct)
    {
        var revoked = await _db.Write.ExecuteAsync(
            $"update kernel.api_keys set revoked_at = {_clock.GetUtcNow()} where id = {id} and revoked_at is null", ct) == 1;
        Forget();
        return revoked;
    }

    /// <summary>Finds who a key belongs to. Completes at once for a key seen before.</summary>
    internal async ValueTask<Entry?> FindAsync(string secret, CancellationToken ct)
    {
        if (!_seen.TryGetValue(secret, out var entry))
        {
            entry = await LoadAsync(secret, ct);
            if (_seen.Count > UnknownKept)
            {
                Forget();
            }

            _seen[secret] = entry;
        }

        if (entry is null || (entry.Key.ExpiresAt is { } end && end <= _clock.GetUtcNow()))
        {
            return null;
        }

        await NoteUseAsync(entry, ct);
        return entry;
    }

    public void Dispose() => Forget();

    private async ValueTask NoteUseAsync(Entry entry, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        if (now - entry.Noted < NoteUseEvery)
        {
            return;
        }

        entry.Noted = now;
        await _db.Write.ExecuteAsync($"update kernel.api_keys set last_used_at = {now} where id = {entry.Key.Id}", ct);
    }

    private async Task<Entry?> LoadAsync(string secret, CancellationToken ct)
    {
        var key = await _db.Read.FindAsync(
            $"""
            select id, name, hint, scopes, community_id, rate_per_minute, expires_at, created_at, created_by, last_used_at, revoked_at
            from kernel.api_keys where key_hash = {Hash(secret)} and revoked_at is null
            """,
            Read,
            ct);
        return key is null ? null : new Entry(key);
    }

    private async Task<ApiKey> InsertAsync(
        string secret, string name, IReadOnlyList<string> scopes, long? community, int rate, DateTimeOffset? expires, string by, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        var key = new ApiKey(Guid.CreateVersion7(now), name, secret[..Math.Min(8, secret.Length / 2)], scopes, community, rate, expires?.ToUniversalTime(), now, by, null, null);
        await _db.Write.ExecuteAsync(
            $"""
            insert into kernel.api_keys (id, name, key_hash, hint, scopes, community_id, rate_per_minute, expires_at, created_at, created_by)
            values ({key.Id}, {name}, {Hash(secret)}, {key.Hint}, {scopes.ToArray()}, {community}, {rate}, {key.ExpiresAt}, {now}, {by})
            """,
            ct);
        Forget();
        return key;
    }

    private void Forget()
    {
        foreach (var entry in _seen.Values)
        {
            entry?.Limiter?.Dispose();
        }

        _seen.Clear();
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static ApiKey Read(Npgsql.NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetString(1),
        r.GetString(2),
        r.GetFieldValue<string[]>(3),
        r.IsDBNull(4) ? null : r.GetInt64(4),
        r.GetInt32(5),
        r.GetFieldValue<DateTimeOffset?>(6),
        r.GetFieldValue<DateTimeOffset>(7),
        r.GetString(8),
        r.GetFieldValue<DateTimeOffset?>(9),
        r.GetFieldValue<DateTimeOffset?>(10));

    internal sealed class Entry(ApiKey key)
    {
        public ApiKey Key => key;

        public Caller Caller { get; } = new(key.Id, key.Name, key.Scopes.ToFrozenSet(StringComparer.Ordinal), key.CommunityId);

        public DateTimeOffset Noted { get; set; }

        public RateLimiter? Limiter { get; } = key.RatePerMinute == 0 ? null : new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = key.RatePerMinute,
            TokensPerPeriod = Math.Max(1, key.RatePerMinute / 60),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, 60d / key.RatePerMinute)),
        });
    }
}
