using System.Buffers;
using System.Globalization;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>A text as the characters people see: an emoji of several code points is one.</summary>
internal readonly ref struct Characters
{
    /// <summary>Each of them is a character of its own whatever stands around it.</summary>
    private static readonly SearchValues<char> Simple =
        SearchValues.Create([.. Enumerable.Range(0, 128).Select(c => (char)c).Where(c => c != '\r')]);

    private readonly ReadOnlySpan<char> _text;
    private readonly bool _simple;

    public Characters(ReadOnlySpan<char> text)
    {
        _text = text;
        _simple = !text.ContainsAnyExcept(Simple);
    }

    public int Count => CountTo(_text.Length);

    /// <summary>The characters of a text, which costs steps.</summary>
    public static Characters Of(ref Run run, string text) => run.Charge(text.Length) ? new(text) : default;

    /// <summary>How many characters begin before a place in the text.</summary>
    public int CountTo(int end)
    {
        if (_simple)
        {
            return end;
        }

        var count = 0;
        for (var at = 0; at < end; count++)
        {
            at += StringInfo.GetNextTextElementLength(_text[at..]);
        }

        return count;
    }

    /// <summary>One character, counted from 0, or from the end when negative; null when there is none.</summary>
    public Value At(int index)
    {
        var count = Count;
        var from = index < 0 ? index + count : index;
        return from < 0 || from >= count ? default : (Value)Slice(from, from + 1);
    }

    public string Slice(int from, int to) => _text[Place(from)..Place(to)].ToString();

    public List<Value> ToList()
    {
        var list = new List<Value>();
        for (var rest = _text; !rest.IsEmpty;)
        {
            var length = StringInfo.GetNextTextElementLength(rest);
            list.Add(rest[..length].ToString());
            rest = rest[length..];
        }

        return list;
    }

    public string Reversed()
    {
        var reversed = new char[_text.Length];
        for (var at = 0; at < _text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(_text[at..]);
            _text.Slice(at, length).CopyTo(reversed.AsSpan(_text.Length - at - length));
            at += length;
        }

        return new string(reversed);
    }

    private int Place(int index)
    {
        if (_simple)
        {
            return Math.Min(index, _text.Length);
        }

        var at = 0;
        for (var i = 0; i < index && at < _text.Length; i++)
        {
            at += StringInfo.GetNextTextElementLength(_text[at..]);
        }

        return at;
    }
}
