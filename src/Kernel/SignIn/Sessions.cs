using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.SignIn;

/// <summary>
/// Who is signed in. Kept in memory by the digest of the token and forgotten on every node when the row changes; while
/// the change feed is not heard, nothing kept counts.
/// </summary>
internal sealed class Sessions
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private const int MostKept = 10_000;
    private static readonly TimeSpan NoteUseEvery = TimeSpan.FromMinutes(1);

    private readonly SessionStore _store;
    private readonly Database _db;
    private readonly ChangeFeed _feed;
    private readonly AuditLog _audit;
    private readonly TimeProvider _clock;
    private readonly IReadOnlyList<ISignInHook> _hooks;
    private readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.Ordinal);
    private int _forgotten;

    public Sessions(
        SessionStore store, Database db, ChangeFeed feed, AuditLog audit, IEnumerable<ISignInHook> hooks, TimeProvider clock)
    {
        (_store, _db, _feed, _audit, _hooks, _clock) = (store, db, feed, audit, [.. hooks], clock);
        feed.On("sign_ins", Forget);
    }

    /// <summary>Completes at once for a session seen before.</summary>
    /// <returns>Null when nobody is signed in with this token any more.</returns>
    public async ValueTask<SignedIn?> FindAsync(string token, CancellationToken ct)
    {
        var hash = HashOf(token);
        var key = KeyOf(hash);
        if (!_feed.IsListening || !_known.TryGetValue(key, out var entry))
        {
            entry = await LoadAsync(key, hash, ct);
        }

        if (entry is null || entry.Person.ExpiresAt <= _clock.GetUtcNow())
        {
            return null;
        }

        if (_clock.GetUtcNow() - entry.Noted >= NoteUseEvery)
        {
            entry.Noted = _clock.GetUtcNow();
            await _store.SeenAsync(entry.Person.Id, ct);
        }

        return entry.Person;
    }

    /// <summary>Begins a session under a new token and ends the one before, whose other accounts it takes over.</summary>
    /// <param name="before">The token the browser came with; null: none.</param>
    /// <returns>The token. This is the only time it is seen.</returns>
    public async Task<string> BeginAsync(Proof proof, string? before, Device device, CancellationToken ct)
    {
        var token = SessionCookie.NewToken();
        var id = Ids.New(_clock.GetUtcNow());
        await _db.TransactionAsync(
            async transaction =>
            {
                var ended = before is null ? null : await _store.EndAsync(transaction, HashOf(before), ct);
                await _store.AddAsync(transaction, id, HashOf(token), proof, device, Life, ct);
                if (ended is { } last)
                {
                    await _store.LinkAsync(transaction, id, last, proof.Identity, ct);
                }

                foreach (var hook in _hooks)
                {
                    await hook.SignedInAsync(transaction, proof.Identity, ct);
                }

                var details = new JsonObject { ["platform"] = Chat.Platforms.Name(proof.Identity.Platform), ["session_id"] = id };
                await _audit.WriteAsync(transaction, 0, proof.Identity.Actor, "sign_in.succeeded", details, ct);
            },
            ct);
        if (before is not null)
        {
            Forget(KeyOf(HashOf(before)));
        }

        return token;
    }

    /// <param name="only">Null: all sessions of the person.</param>
    /// <returns>How many there were.</returns>
    public async Task<int> RevokeAsync(SignedIn person, Guid? only, CancellationToken ct)
    {
        var hashes = await _db.TransactionAsync(
            async transaction =>
            {
                var revoked = await _store.RevokeAsync(transaction, person, only, ct);
                if (revoked.Count > 0)
                {
                    var details = new JsonObject { ["session_id"] = only, ["sessions"] = revoked.Count };
                    await _audit.WriteAsync(transaction, 0, person.Identities[0].Actor, "sign_in.revoked", details, ct);
                }

                return revoked;
            },
            ct);
        foreach (var hash in hashes)
        {
            Forget(KeyOf(hash));
        }

        return hashes.Count;
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>As PostgreSQL writes the digest, and so the change feed.</summary>
    private static string KeyOf(byte[] hash) => $@"\x{Convert.ToHexStringLower(hash)}";

    /// <summary>The node that changed something need not wait for the notification.</summary>
    private void Forget(string key)
    {
        Interlocked.Increment(ref _forgotten);
        if (key.Length == 0)
        {
            _known.Clear();
        }
        else
        {
            _known.TryRemove(key, out _);
        }
    }

    private async Task<Entry?> LoadAsync(string key, byte[] hash, CancellationToken ct)
    {
        var forgotten = Volatile.Read(ref _forgotten);
        if (await _store.FindAsync(hash, ct) is not { } person)
        {
            return null;
        }

        if (_known.Count >= MostKept)
        {
            _known.Clear();
        }

        var entry = _known[key] = new Entry(person);
        if (Volatile.Read(ref _forgotten) != forgotten)
        {
            // Something ended while this was read, perhaps this.
            _known.TryRemove(KeyValuePair.Create(key, entry));
        }

        return entry;
    }

    private sealed class Entry(SignedIn person)
    {
        public SignedIn Person => person;

        public DateTimeOffset Noted { get; set; } = person.CreatedAt;
    }
}
