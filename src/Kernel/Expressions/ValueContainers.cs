namespace Rookery.Kernel.Expressions;

internal sealed class ValueList
{
    public ValueList(Value[] items)
    {
        Items = items;
        (Depth, Size) = (1, 2);
        foreach (ref readonly var item in items.AsSpan())
        {
            Depth = Math.Max(Depth, item.Depth + 1);
            Size = ValueObject.Sum(Size, item.Size + 1);
        }
    }

    public Value[] Items { get; }

    public int Depth { get; }

    public long Size { get; }

    public int Hash()
    {
        var hash = new HashCode();
        foreach (ref readonly var item in Items.AsSpan())
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }
}

internal sealed class ValueObject
{
    /// <summary>With fewer members than this a walk over them is faster than a table.</summary>
    private const int TableFrom = 16;

    private const long MaxSize = long.MaxValue / 4;

    private Dictionary<string, int>? _table;

    public ValueObject(KeyValuePair<string, Value>[] members)
    {
        Members = members;
        (Depth, Size) = (1, 2);
        foreach (ref readonly var member in members.AsSpan())
        {
            Depth = Math.Max(Depth, member.Value.Depth + 1);
            Size = Sum(Size, member.Key.Length + member.Value.Size + 4);
        }
    }

    public KeyValuePair<string, Value>[] Members { get; }

    public int Depth { get; }

    public long Size { get; }

    public static long Sum(long size, long more) => Math.Min(size + more, MaxSize);

    /// <returns>The place of the member, or -1.</returns>
    public int Find(string name)
    {
        if (Members.Length >= TableFrom)
        {
            return (_table ??= Table()).GetValueOrDefault(name, -1);
        }

        for (var i = 0; i < Members.Length; i++)
        {
            if (string.Equals(Members[i].Key, name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    public bool Same(ValueObject other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (Members.Length != other.Members.Length)
        {
            return false;
        }

        foreach (var (name, value) in Members)
        {
            if (other.Find(name) is var at && (at < 0 || !other.Members[at].Value.Equals(value)))
            {
                return false;
            }
        }

        return true;
    }

    public int Hash()
    {
        var hash = Members.Length;
        foreach (ref readonly var member in Members.AsSpan())
        {
            hash += HashCode.Combine(member.Key, member.Value);
        }

        return hash;
    }

    private Dictionary<string, int> Table()
    {
        var table = new Dictionary<string, int>(Members.Length, StringComparer.Ordinal);
        for (var i = 0; i < Members.Length; i++)
        {
            table[Members[i].Key] = i;
        }

        return table;
    }
}
