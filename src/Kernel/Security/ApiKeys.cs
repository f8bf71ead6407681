using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

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
    private const int MaxLength = 512;
    private static readonly TimeSpan NoteUseEvery = TimeSpan.FromMinutes(1);
    private static readonly SqlFragment Columns = Sql.Fragment(
        "id, name, hint, scopes, community_id, rate_per_minute, expires_at, created_at, created_by, last_used_at, revoked_at");

    private readonly Database _db;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, Entry?> _seen = new(StringComparer.Ordinal);
    private int _forgotten;

    internal KeyRates Rates { get; } = new();

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
        var made = await CreateAsync(_db.Write, name, scopes, community, ratePerMinute, expires, by, ct);
        Forget();
        return made;
    }

    /// <inheritdoc cref="CreateAsync(string, IReadOnlyList{string}, long?, int, DateTimeOffset?, string, CancellationToken)"/>
    public async Task<(ApiKey Key, string Secret)> CreateAsync(
        Session session, string name, IReadOnlyList<string> scopes, long? community, int ratePerMinute,
        DateTimeOffset? expires, string by, CancellationToken ct)
    {
        var secret = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (await InsertAsync(session, secret, name, scopes, community, ratePerMinute, expires, by, ct), secret);
    }

    /// <summary>Makes sure that a key the operator chose works as an admin key.</summary>
    public async Task EnsureAdminAsync(string secret, CancellationToken ct)
    {
        if (await _db.Write.FindAsync($"select id from kernel.api_keys where key_hash = {Hash(secret)}", r => (object)r.GetGuid(0), ct) is null)
        {
            await InsertAsync(_db.Write, secret, "ROOKERY_ADMIN_KEY", [Scopes.Admin], null, 0, null, "environment", ct);
            Forget();
        }
    }

    /// <summary>Whether anybody holds a key with which everything can be done, other keys too.</summary>
    public Task<bool> AnyAdminAsync(CancellationToken ct) => _db.Write.ValueAsync<bool>(
        $"""
        select exists (
            select from kernel.api_keys where revoked_at is null and community_id is null and {Scopes.Admin} = any(scopes))
        """,
        ct);

    /// <summary>Deletes keys that are of no use to anybody any more.</summary>
    public async Task DeleteAsync(string name, string createdBy, CancellationToken ct)
    {
        await _db.Write.ExecuteAsync($"delete from kernel.api_keys where name = {name} and created_by = {createdBy}", ct);
        Forget();
    }

    public Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken ct) => _db.Read.ListAsync(
        $"select {Columns} from kernel.api_keys order by created_at",
        Read,
        ct);

    /// <param name="community">Null: the keys of all communities and those bound to none.</param>
    public Task<IReadOnlyList<ApiKey>> ListAsync(long? community, PageQuery page, CancellationToken ct)
    {
        Guid? after = Guid.TryParse(page.After, out var id) ? id : null;
        return _db.Read.ListAsync(
            $"""
            select {Columns} from kernel.api_keys
            where ({community}::bigint is null or community_id = {community}) and ({after}::uuid is null
                or id > {after})
            order by id limit {page.Limit + 1}
            """,
            Read,
            ct);
    }

    public Task<ApiKey?> FindAsync(Guid id, CancellationToken ct) => _db.Write.FindAsync(
        $"select {Columns} from kernel.api_keys where id = {id}",
        Read,
        ct);

    /// <returns>False when there is no such live key.</returns>
    public async Task<bool> RevokeAsync(Guid id, CancellationToken ct)
    {
        var revoked = await RevokeAsync(_db.Write, id, ct);
        Forget();
        return revoked;
    }

    /// <inheritdoc cref="RevokeAsync(Guid, CancellationToken)"/>
    public async Task<bool> RevokeAsync(Session session, Guid id, CancellationToken ct) => await session.ExecuteAsync(
        $"update kernel.api_keys set revoked_at = {_clock.GetUtcNow()} where id = {id} and revoked_at is null", ct) == 1;

    /// <summary>
    /// Reads keys anew. A notification does the same; the node that changed a key need not wait for it.
    /// </summary>
    public void Forget()
    {
        Interlocked.Increment(ref _forgotten);
        _seen.Clear();
    }

    /// <summary>Finds who a key belongs to. Completes at once for a key seen before.</summary>
    internal async ValueTask<Entry?> FindAsync(string secret, CancellationToken ct)
    {
        if (secret.Length > MaxLength)
        {
            return null;
        }

        if (!_seen.TryGetValue(secret, out var entry))
        {
            var forgotten = Volatile.Read(ref _forgotten);
            entry = await LoadAsync(secret, ct);
            if (_seen.Count > UnknownKept)
            {
                Forget();
            }
            else
            {
                Remember(secret, entry, forgotten);
            }
        }

        if (entry is null || (entry.Key.ExpiresAt is { } end && end <= _clock.GetUtcNow()))
        {
            return null;
        }

        await NoteUseAsync(entry, ct);
        return entry;
    }

    public void Dispose() => Rates.Dispose();

    /// <summary>Keeps what was read, unless keys changed in the meantime.</summary>
    private void Remember(string secret, Entry? entry, int forgotten)
    {
        _seen[secret] = entry;
        if (Volatile.Read(ref _forgotten) != forgotten)
        {
            _seen.TryRemove(KeyValuePair.Create(secret, entry));
        }
    }

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
        // From the primary: a replica may not know yet that the key was revoked.
        var key = await _db.Write.FindAsync(
            $"select {Columns} from kernel.api_keys where key_hash = {Hash(secret)} and revoked_at is null",
            Read,
            ct);
        return key is null ? null : new Entry(key);
    }

    private async Task<ApiKey> InsertAsync(
        Session session, string secret, string name, IReadOnlyList<string> scopes, long? community, int rate,
        DateTimeOffset? expires, string by, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        var key = new ApiKey(
            Guid.CreateVersion7(now),
            name,
            secret[..Math.Min(8, secret.Length / 2)],
            scopes,
            community,
            rate,
            expires?.ToUniversalTime(),
            now,
            by,
            null,
            null);
        await session.ExecuteAsync(
            $"""
            insert into kernel.api_keys (id, name, key_hash, hint, scopes, community_id, rate_per_minute, expires_at,
                created_at, created_by)
            values ({key.Id}, {name}, {Hash(secret)}, {key.Hint}, {scopes.ToArray()}, {community}, {rate},
                {key.ExpiresAt}, {now}, {by})
            """,
            ct);
        return key;
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

        public Caller Caller { get; } = new(
            key.Id, key.Name, key.Scopes.ToFrozenSet(StringComparer.Ordinal), key.CommunityId);

        public DateTimeOffset Noted { get; set; }
    }
}
