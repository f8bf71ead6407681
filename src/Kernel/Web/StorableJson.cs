using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Rookery.Kernel.Web;

/// <summary>
/// JSON from outside that is to go into a <c>jsonb</c> column, which takes less than the grammar allows.
/// </summary>
public static class StorableJson
{
    private const string Replacement = @"\uFFFD";
    private const int EscapeLength = 6;
    private const int MaxNumber = 400;

    private static readonly SearchValues<char> OfNumber = SearchValues.Create("0123456789+-.eE");

    /// <summary>
    /// False when a text holds U+0000, half of a surrogate pair or bytes that are no UTF-8, or a number no double can
    /// hold.
    /// </summary>
    public static bool Is(JsonElement json)
    {
        var utf8 = JsonMarshal.GetRawUtf8Value(json);
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        Clean(Encoding.UTF8.GetString(utf8), out var changed);
        return !changed;
    }

    /// <summary>The same JSON with U+FFFD for characters, and null for numbers, that cannot be stored.</summary>
    public static JsonElement Clean(JsonElement json) =>
        Is(json) ? json : JsonElement.Parse(Clean(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(json)), out _));

    /// <summary>Walks over well-formed JSON: outside of strings it looks at numbers, inside at escapes.</summary>
    private static string Clean(string json, out bool changed)
    {
        var clean = new StringBuilder(json.Length);
        changed = false;
        var inString = false;
        for (var i = 0; i < json.Length;)
        {
            var length = inString ? Character(json.AsSpan(i), out var good) : Token(json.AsSpan(i), out good);
            inString ^= json[i] == '"';
            changed |= !good;
            clean.Append(good ? json.AsSpan(i, length) : inString ? Replacement : "null");
            i += length;
        }

        return clean.ToString();
    }

    private static int Character(ReadOnlySpan<char> json, out bool good)
    {
        good = true;
        if (json[0] != '\\' || json[1] != 'u')
        {
            return json[0] == '\\' ? 2 : 1;
        }

        var unit = Unit(json);
        var rest = json[EscapeLength..];
        if (char.IsHighSurrogate(unit) && rest is ['\\', 'u', ..] && char.IsLowSurrogate(Unit(rest)))
        {
            return 2 * EscapeLength;
        }

        good = unit != '\0' && !char.IsSurrogate(unit);
        return EscapeLength;
    }

    private static char Unit(ReadOnlySpan<char> escape) =>
        (char)ushort.Parse(escape[2..EscapeLength], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static int Token(ReadOnlySpan<char> json, out bool good)
    {
        good = true;
        if (json[0] is not ('-' or (>= '0' and <= '9')))
        {
            return 1;
        }

        var end = json.IndexOfAnyExcept(OfNumber);
        var number = end < 0 ? json : json[..end];
        var value = number.Length <= MaxNumber ? double.Parse(number, CultureInfo.InvariantCulture) : double.NaN;
        good = double.IsFinite(value) && (value != 0 || !number.ContainsAny('e', 'E'));
        return number.Length;
    }
}
