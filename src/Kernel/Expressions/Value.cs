using System.Globalization;

namespace Rookery.Kernel.Expressions;

#pragma warning disable CA1720 // Object is what JSON calls it.

public enum ValueKind
{
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}

/// <summary>
/// A value of the expression language, which is a value of JSON: it never changes and may be shared by threads.
/// Numbers are decimal, so money and ids of 28 digits stay exact. <c>default</c> is null.
/// </summary>
public readonly partial struct Value : IEquatable<Value>
{
    /// <summary>How deep lists and objects may be in one another.</summary>
    public const int MaxDepth = 128;

    private const int ScalarSize = 4;

    /// <summary>A longer text is no number, so that looking whether it is one costs little.</summary>
    private const int LongestNumber = 64;

    private readonly object? _reference;
    private readonly decimal _number;

    private Value(ValueKind kind, object? reference, decimal number = 0) =>
        (Kind, _reference, _number) = (kind, reference, number);

    public static Value Null => default;

    public static Value True => new(ValueKind.Boolean, null, 1);

    public static Value False => new(ValueKind.Boolean, null);

    public static Value EmptyList { get; } = new(ValueKind.List, new ValueList([]));

    public static Value EmptyObject { get; } = new(ValueKind.Object, new ValueObject([]));

    public ValueKind Kind { get; }

    public bool IsNull => Kind == ValueKind.Null;

    /// <summary>False for null, false, 0, and an empty text, list or object; true for all else.</summary>
    public bool Truthy => Kind switch
    {
        ValueKind.Boolean or ValueKind.Number => _number != 0,
        ValueKind.Text => ((string)_reference!).Length > 0,
        ValueKind.List => Items.Length > 0,
        ValueKind.Object => Members.Length > 0,
        _ => false,
    };

    /// <summary>The items of a list; none of anything else.</summary>
    public ReadOnlySpan<Value> Items => Kind == ValueKind.List ? ((ValueList)_reference!).Items : [];

    /// <summary>The members of an object in their order; none of anything else.</summary>
    public ReadOnlySpan<KeyValuePair<string, Value>> Members =>
        Kind == ValueKind.Object ? ((ValueObject)_reference!).Members : [];

    /// <summary>
    /// About how many characters the value has as JSON, without the escapes. It is known, not counted, so whoever
    /// limits it is safe from a value that holds another one many times.
    /// </summary>
    public long Size => Kind switch
    {
        ValueKind.Text => ((string)_reference!).Length + 2,
        ValueKind.List => ((ValueList)_reference!).Size,
        ValueKind.Object => ((ValueObject)_reference!).Size,
        _ => ScalarSize,
    };

    /// <summary>How many lists and objects are in one another; 0 of a value that is neither.</summary>
    public int Depth => Kind switch
    {
        ValueKind.List => ((ValueList)_reference!).Depth,
        ValueKind.Object => ((ValueObject)_reference!).Depth,
        _ => 0,
    };

    /// <summary>The member of an object; null when there is none, or when this is no object.</summary>
    public Value this[string name] => TryGet(name, out var value) ? value : default;

    /// <summary>The item of a list, counted from 0, or from the end when negative; null when there is none.</summary>
    public Value this[int index]
    {
        get
        {
            var items = Items;
            var at = index < 0 ? index + items.Length : index;
            return (uint)at < (uint)items.Length ? items[at] : default;
        }
    }

    public static implicit operator Value(bool value) => value ? True : False;

    public static implicit operator Value(decimal value) => new(ValueKind.Number, null, value);

    public static implicit operator Value(long value) => new(ValueKind.Number, null, value);

    /// <summary>A null is null; U+0000, which the database keeps in no text, becomes U+FFFD.</summary>
    public static implicit operator Value(string? value) =>
        value is null ? default : new Value(ValueKind.Text, Storable(value));

    public static bool operator ==(Value left, Value right) => left.Equals(right);

    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    /// <exception cref="ArgumentException">It would be deeper than <see cref="MaxDepth"/>.</exception>
    public static Value List(params ReadOnlySpan<Value> items) => Bounded(Own(items.ToArray()));

    /// <summary>Of two members with one name the later one counts.</summary>
    /// <exception cref="ArgumentException">It would be deeper than <see cref="MaxDepth"/>.</exception>
    public static Value Object(params ReadOnlySpan<(string Name, Value Value)> members)
    {
        var builder = new ObjectBuilder(members.Length);
        foreach (var (name, value) in members)
        {
            builder.Set(name, value);
        }

        return builder.Build();
    }

    /// <summary>The member of an object. False when there is none, or when this is no object.</summary>
    public bool TryGet(string name, out Value value)
    {
        if (Kind == ValueKind.Object && ((ValueObject)_reference!).Find(name) is >= 0 and var at)
        {
            value = Members[at].Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>A new object in which the member has this value; what is no object counts as an empty one.</summary>
    /// <exception cref="ArgumentException">It would be deeper than <see cref="MaxDepth"/>.</exception>
    public Value With(string name, Value value)
    {
        name = Storable(name);
        var members = Members;
        var at = Kind == ValueKind.Object ? ((ValueObject)_reference!).Find(name) : -1;
        var copy = new KeyValuePair<string, Value>[members.Length + (at < 0 ? 1 : 0)];
        members.CopyTo(copy);
        copy[at < 0 ? members.Length : at] = new(name, value);
        return Bounded(Own(copy));
    }

    public bool TryText(out string text)
    {
        text = Kind == ValueKind.Text ? (string)_reference! : "";
        return Kind == ValueKind.Text;
    }

    /// <summary>
    /// A number, or a text that is one: blanks around it, a sign and a decimal point are taken, thousands separators
    /// and exponents are not.
    /// </summary>
    public bool TryNumber(out decimal number)
    {
        number = Kind == ValueKind.Number ? _number : 0;
        return Kind == ValueKind.Number
            || (Kind == ValueKind.Text && ((string)_reference!).Length <= LongestNumber && decimal.TryParse(
                (string)_reference!, NumberForm, CultureInfo.InvariantCulture, out number));
    }

    /// <summary>Whether this is the value true; no other value is.</summary>
    public bool IsTrue => Kind == ValueKind.Boolean && _number != 0;

    /// <summary>Equal in kind and content; the order of an object's members does not count.</summary>
    public bool Equals(Value other) => Kind == other.Kind && Kind switch
    {
        ValueKind.Boolean or ValueKind.Number => _number == other._number,
        ValueKind.Text => string.Equals((string)_reference!, (string)other._reference!, StringComparison.Ordinal),
        ValueKind.List => Items.SequenceEqual(other.Items),
        ValueKind.Object => ((ValueObject)_reference!).Same((ValueObject)other._reference!),
        _ => true,
    };

    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    public override int GetHashCode() => Kind switch
    {
        ValueKind.Text => ((string)_reference!).GetHashCode(StringComparison.Ordinal),
        ValueKind.List => ((ValueList)_reference!).Hash(),
        ValueKind.Object => ((ValueObject)_reference!).Hash(),
        _ => HashCode.Combine(Kind, _number),
    };

    /// <summary>The value as it appears in a text; see <see cref="ToText"/>.</summary>
    public override string ToString() => ToText();

    /// <summary>A list of an array that nobody else keeps. It may be too deep: the caller looks.</summary>
    internal static Value Own(Value[] items) =>
        items.Length == 0 ? EmptyList : new(ValueKind.List, new ValueList(items));

    /// <summary>An object of members with different names, that nobody else keeps.</summary>
    internal static Value Own(KeyValuePair<string, Value>[] members) =>
        members.Length == 0 ? EmptyObject : new(ValueKind.Object, new ValueObject(members));

    /// <summary>The text, or the name of a member, without U+0000.</summary>
    internal static string Storable(string text) => text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : text;

    internal static Value Bounded(Value value) => value.Depth <= MaxDepth
        ? value
        : throw new ArgumentException($"A value may be {MaxDepth} lists and objects deep.", nameof(value));

    private const NumberStyles NumberForm = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
        | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
}
