using System.Buffers.Binary;

namespace Rookery.Kernel;

/// <summary>
/// UUIDv7 ids, which sort by time and carry their moment, so that an id alone finds its day's partition.
/// </summary>
/// <remarks>Source: RFC 9562, section 5.7: the first 48 bits are Unix milliseconds, big-endian.</remarks>
public static class Ids
{
    public static Guid New(DateTimeOffset now) => Guid.CreateVersion7(now);

    /// <summary>The moment inside an id, exact to the millisecond; null when the id is not a UUIDv7.</summary>
    public static DateTimeOffset? Moment(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return id.Version == 7
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16))
            : null;
    }
}
