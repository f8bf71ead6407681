namespace Rookery.Platforms.Discord;

/// <summary>
/// Makes one object of bytes that come again and again, such as the ids of channels and members. Each has one place; what
/// needs the place of another puts it out, so no input makes it large or slow.
/// </summary>
internal sealed class Utf8Cache<T>(Func<ReadOnlySpan<byte>, T> make)
    where T : class
{
    private const int Places = 8192;
    private const int Longest = 1024;

    private readonly Entry?[] _entries = new Entry?[Places];

    public T Get(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Longest)
        {
            return make(bytes);
        }

        var hash = default(HashCode);
        hash.AddBytes(bytes);
        ref var place = ref _entries[hash.ToHashCode() & (Places - 1)];
        if (Volatile.Read(ref place) is { } entry && bytes.SequenceEqual(entry.Bytes))
        {
            return entry.Value;
        }

        var made = make(bytes);
        Volatile.Write(ref place, new Entry(bytes.ToArray(), made));
        return made;
    }

    private sealed record Entry(byte[] Bytes, T Value);
}
