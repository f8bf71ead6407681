using System.Security.Cryptography;
using System.Text;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Security;

/// <summary>Where a secret belongs. It is sealed to this place: moved elsewhere, it does not open.</summary>
/// <param name="Owner">Schema and table.</param>
/// <param name="RowKey">The row's key.</param>
/// <param name="Field">The column.</param>
public sealed record SecretPlace(string Owner, string RowKey, string Field);

/// <summary>Secrets at rest: AES-256-GCM under a ring of keys, with the secret's place as associated data.</summary>
public sealed class SecretBox(KeyRing ring)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Seals a text for its place under the ring's newest key.</summary>
    public (string KeyId, byte[] Sealed) Seal(SecretPlace place, string secret)
    {
        var (id, key) = ring.Current;
        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(
            box.AsSpan(0, NonceLength),
            plain,
            box.AsSpan(NonceLength, plain.Length),
            box.AsSpan(NonceLength + plain.Length),
            Associated(place));
        return (id, box);
    }

    /// <exception cref="CryptographicException">The box was altered or belongs elsewhere.</exception>
    /// <exception cref="InvalidOperationException">The ring lacks the key.</exception>
    public string Open(SecretPlace place, string keyId, byte[] box)
    {
        if (box.Length < NonceLength + TagLength)
        {
            throw new CryptographicException("The box was cut short.");
        }

        var plain = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(ring.Find(keyId), TagLength);
        aes.Decrypt(
            box.AsSpan(0, NonceLength),
            box.AsSpan(NonceLength, plain.Length),
            box.AsSpan(NonceLength + plain.Length),
            plain,
            Associated(place));
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] Associated(SecretPlace place) =>
        Encoding.UTF8.GetBytes($"{place.Owner}\n{place.RowKey}\n{place.Field}");
}

/// <summary>The table of sealed secrets.</summary>
public sealed class Secrets(Database db, SecretBox box, TimeProvider clock)
{
    public Task SetAsync(Session session, SecretPlace place, string secret, CancellationToken ct)
    {
        var (keyId, sealedSecret) = box.Seal(place, secret);
        return session.ExecuteAsync(
            $"""
            insert into kernel.secrets (owner, row_key, field, key_id, sealed, updated_at)
            values ({place.Owner}, {place.RowKey}, {place.Field}, {keyId}, {sealedSecret}, {clock.GetUtcNow()})
            on conflict (owner, row_key, field) do update
            set key_id = excluded.key_id, sealed = excluded.sealed, updated_at = excluded.updated_at
            """,
            ct);
    }

    /// <summary>
    /// Reads from the primary: caches are filled from here, and a replica may not have the change yet that emptied
    /// them.
    /// </summary>
    public async Task<string?> FindAsync(SecretPlace place, CancellationToken ct) =>
        await db.Write.FindAsync(
            $"select key_id, sealed from kernel.secrets where owner = {place.Owner} and row_key = {place.RowKey} and field = {place.Field}",
            r => box.Open(place, r.GetString(0), r.GetFieldValue<byte[]>(1)),
            ct);

    public Task<int> RemoveAsync(Session session, string owner, string rowKey, CancellationToken ct) =>
        session.ExecuteAsync($"delete from kernel.secrets where owner = {owner} and row_key = {rowKey}", ct);

    /// <summary>Seals everything that lies under an older key anew, one row a transaction.</summary>
    /// <returns>How many were sealed anew.</returns>
    public async Task<int> RotateAsync(string currentKeyId, CancellationToken ct)
    {
        var rotated = await RotateTableAsync(currentKeyId, ct);
        foreach (var column in await SealedColumn.ListAsync(db.Write, ct))
        {
            rotated += await column.RotateAsync(db, box, currentKeyId, ct);
        }

        return rotated;
    }

    /// <summary>The ids of the keys something is sealed under.</summary>
    public static async Task<IReadOnlyList<string>> KeysInUseAsync(Session session, CancellationToken ct)
    {
        var used = new SortedSet<string>(
            await session.ListAsync($"select distinct key_id from kernel.secrets", r => r.GetString(0), ct), StringComparer.Ordinal);
        foreach (var column in await SealedColumn.ListAsync(session, ct))
        {
            used.UnionWith(await column.KeysAsync(session, ct));
        }

        return [.. used];
    }

    /// <summary>Refuses to start when something is sealed under a key the ring lacks.</summary>
    /// <exception cref="InvalidOperationException">Names the missing keys and the cure.</exception>
    public async Task RequireKeysAsync(KeyRing ring, CancellationToken ct)
    {
        var used = await KeysInUseAsync(db.Write, ct);
        var missing = used.Except(ring.Ids, StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"Secrets in the database are sealed under {string.Join(", ", missing)}, which the key ring {ring.Path} does not hold. " +
                "Put the ring back from your backup; without it these secrets cannot be read.");
        }
    }

    private async Task<int> RotateTableAsync(string currentKeyId, CancellationToken ct)
    {
        var old = await db.Write.ListAsync(
            $"select owner, row_key, field from kernel.secrets where key_id <> {currentKeyId}",
            r => new SecretPlace(r.GetString(0), r.GetString(1), r.GetString(2)),
            ct);
        foreach (var place in old)
        {
            await db.TransactionAsync(
                async transaction =>
                {
                    var secret = await transaction.FindAsync(
                        $"""
                        select key_id, sealed from kernel.secrets
                        where owner = {place.Owner} and row_key = {place.RowKey} and field = {place.Field} for update
                        """,
                        r => box.Open(place, r.GetString(0), r.GetFieldValue<byte[]>(1)),
                        ct);
                    if (secret is not null)
                    {
                        await SetAsync(transaction, place, secret, ct);
                    }
                },
                ct);
        }

        return old.Count;
    }
}
