using System.Security.Cryptography;
using System.Text.Json;

namespace Rookery.Kernel.Security;

/// <summary>
/// The keys that seal secrets, newest last, in a file only the owner reads. Old ones stay until nothing needs them.
/// </summary>
public sealed class KeyRing
{
    private const int KeyLength = 32;

    private volatile KeyValuePair<string, byte[]>[] _keys;

    private KeyRing(string path, KeyValuePair<string, byte[]>[] keys)
    {
        Path = path;
        _keys = keys;
    }

    public string Path { get; }

    public IEnumerable<string> Ids => _keys.Select(k => k.Key);

    public (string Id, byte[] Key) Current => (_keys[^1].Key, _keys[^1].Value);

    /// <summary>Reads the ring, or makes one with a first key.</summary>
    /// <exception cref="InvalidOperationException">The file is there but is no key ring.</exception>
    public static KeyRing Open(string path)
    {
        if (!File.Exists(path))
        {
            var made = new KeyRing(path, []);
            made.Rotate();
            return made;
        }

        return new KeyRing(path, Read(path));
    }

    /// <summary>
    /// Adds a key and seals with it from now on. <see cref="Secrets.RotateAsync"/> moves what lies under the older
    /// ones.
    /// </summary>
    public void Rotate()
    {
        var id = $"k{_keys.Length + 1}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        _keys = [.. _keys, KeyValuePair.Create(id, RandomNumberGenerator.GetBytes(KeyLength))];
        Save();
    }

    /// <summary>A key that another process added since is read from the file, and seals from then on here too.</summary>
    /// <exception cref="InvalidOperationException">The ring lacks the key.</exception>
    public byte[] Find(string id)
    {
        if (Array.Find(_keys, k => k.Key == id).Value is { } known)
        {
            return known;
        }

        _keys = Read(Path);
        return Array.Find(_keys, k => k.Key == id).Value ?? throw new InvalidOperationException(
            $"The key ring {Path} lacks the key {id}.");
    }

    private static KeyValuePair<string, byte[]>[] Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var keys = json.RootElement.EnumerateObject()
                .Select(p => KeyValuePair.Create(p.Name, Convert.FromBase64String(p.Value.GetString() ?? "")))
                .ToArray();
            if (keys.Length == 0 || keys.Any(k => k.Value.Length != KeyLength))
            {
                throw new FormatException("A key is not 32 bytes long.");
            }

            return keys;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidOperationException(
                $"{path} is no key ring ({e.Message}). Put it back from your backup.", e);
        }
    }

    private void Save()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(
            _keys.ToDictionary(k => k.Key, k => Convert.ToBase64String(k.Value), StringComparer.Ordinal));
        var beside = Path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(beside, options))
        {
            file.Write(json);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, Path, overwrite: true);
    }
}
