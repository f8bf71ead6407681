using System.Buffers.Binary;

namespace Rookery.Kernel.Data;

/// <summary>
/// This process among those that share the database. While it lives, its change feed's connection holds an advisory
/// lock on <see cref="LockKey"/>, so everybody can see at once that it died.
/// </summary>
public sealed class Node(Guid id, IReadOnlyList<string> roles)
{
    public Guid Id => id;

    public IReadOnlyList<string> Roles => roles;

    /// <summary>Derived from the id; two nodes share one with a chance of 2^-63.</summary>
    public long LockKey { get; } = KeyOf(id);

    /// <summary>A query for the ids of the nodes that live, this one among them once its feed is connected.</summary>
    public static SqlFragment Alive { get; } = Sql.Fragment(
        """
        select n.node_id from kernel.nodes n
        join pg_locks l on l.locktype = 'advisory' and l.objsubid = 1 and l.granted
            and l.database = (select oid from pg_database where datname = current_database())
            and ((l.classid::bigint << 32) | l.objid::bigint) = n.lock_key
        """);

    private static long KeyOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) & long.MaxValue;
    }
}
