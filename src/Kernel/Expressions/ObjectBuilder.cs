namespace Rookery.Kernel.Expressions;

/// <summary>Makes an object member by member; the order is that of their first <see cref="Set"/>.</summary>
public sealed class ObjectBuilder(int capacity = 0)
{
    private const int Few = 16;

    private readonly List<KeyValuePair<string, Value>> _members = new(capacity);
    private Dictionary<string, int>? _places;

    /// <summary>Of two values for one name the later one counts.</summary>
    public ObjectBuilder Set(string name, Value value)
    {
        name = Value.Storable(name);
        if (Find(name) is var at && at >= 0)
        {
            _members[at] = new(name, value);
        }
        else
        {
            _places?.Add(name, _members.Count);
            _members.Add(new(name, value));
        }

        return this;
    }

    /// <exception cref="ArgumentException">It would be deeper than <see cref="Value.MaxDepth"/>.</exception>
    public Value Build() => Value.Bounded(Made());

    /// <summary>As <see cref="Build"/>, for a caller that looks at the depth itself.</summary>
    internal Value Made() => Value.Own(_members.ToArray());

    /// <summary>A walk over a few is faster than a table.</summary>
    private int Find(string name)
    {
        if (_members.Count < Few)
        {
            for (var i = 0; i < _members.Count; i++)
            {
                if (_members[i].Key == name)
                {
                    return i;
                }
            }

            return -1;
        }

        if (_places is null)
        {
            _places = new(StringComparer.Ordinal);
            for (var i = 0; i < _members.Count; i++)
            {
                _places.Add(_members[i].Key, i);
            }
        }

        return _places.GetValueOrDefault(name, -1);
    }
}
