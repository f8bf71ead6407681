using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Rookery.Modules.Moderation.Text;

/// <summary>
/// Undoes what people do to words so that rules miss them: NFKC (full-width, styled and circled letters), invisible
/// characters, marks piled onto letters, look-alikes of other scripts, runs of white space. Case stays.
/// </summary>
internal static class Normalizer
{
    /// <summary>As in Unicode's stream-safe text format (UAX #15).</summary>
    private const int MaxMarks = 30;

    [ThreadStatic]
    private static List<Unit>? _units;

    /// <summary>
    /// The normal form. The very same string, and nothing allocated, for text that is in it already and ASCII.
    /// </summary>
    public static string Normalize(string text)
    {
        if (IsClean(text))
        {
            return text;
        }

        var units = Read(text);
        var buffer = ArrayPool<char>.Shared.Rent(2 * units.Count);
        var length = 0;
        foreach (var unit in units)
        {
            length += new Rune(unit.Rune).EncodeToUtf16(buffer.AsSpan(length));
        }

        var normal = buffer.AsSpan(0, length);
        var result = normal.SequenceEqual(text) ? text : new string(normal);
        ArrayPool<char>.Shared.Return(buffer);
        return result;
    }

    /// <summary>The normal form together with where each of its characters comes from.</summary>
    public static Traced Trace(string text)
    {
        if (IsClean(text))
        {
            return new Traced(text, null);
        }

        var normal = new StringBuilder();
        var origins = new List<(int, int)>();
        foreach (var unit in Read(text))
        {
            normal.Append(new Rune(unit.Rune));
            origins.AddRange(Enumerable.Repeat((unit.Start, unit.End), new Rune(unit.Rune).Utf16SequenceLength));
        }

        return new Traced(normal.ToString(), origins);
    }

    /// <summary>Printable ASCII without two spaces in a row is its own normal form.</summary>
    private static bool IsClean(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExceptInRange(' ', '~') && text.IndexOf("  ", StringComparison.Ordinal) < 0;

    private static List<Unit> Read(string text)
    {
        var units = _units ??= new List<Unit>(512);
        units.Clear();
        Decompose(text, units);
        Order(units);
        Compose(units);
        Fold(units);
        return units;
    }

    private static void Decompose(string text, List<Unit> units)
    {
        for (var i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var used);
            var (start, end) = (i, i += used);
            if (Characters.IsInvisible(rune))
            {
                continue;
            }

            if (UnicodeTables.Decompose(rune.Value) is not { } parts)
            {
                Add(units, new Unit(rune.Value, start, end));
                continue;
            }

            foreach (var part in parts)
            {
                Add(units, new Unit(part, start, end));
            }
        }
    }

    /// <summary>
    /// Leaves out what is piled higher than any language does, so that ordering the marks stays cheap.
    /// </summary>
    private static void Add(List<Unit> units, Unit unit)
    {
        if (unit.Class != 0
            && units.Count >= MaxMarks
            && units.FindLastIndex(units.Count - 1, MaxMarks, u => u.Class == 0) < 0)
        {
            units[^1] = units[^1] with { End = unit.End };
            return;
        }

        units.Add(unit);
    }

    /// <summary>
    /// Brings the marks of a letter into canonical order: by class, those of one class as they stand.
    /// </summary>
    private static void Order(List<Unit> units)
    {
        for (var i = 1; i < units.Count; i++)
        {
            var unit = units[i];
            var to = i;
            while (unit.Class != 0 && to > 0 && units[to - 1].Class > unit.Class)
            {
                units[to] = units[to - 1];
                to--;
            }

            units[to] = unit;
        }
    }

    /// <summary>
    /// Composes letters with their marks. A diacritic that makes no letter with what it stands on is decoration, and
    /// then so are all the others on it: only the bare letter stays.
    /// </summary>
    private static void Compose(List<Unit> list)
    {
        var units = CollectionsMarshal.AsSpan(list);
        var (count, letter, lastClass, decorated) = (0, -1, 0, false);
        foreach (var unit in units)
        {
            var composite = letter >= 0 && !decorated && (lastClass == 0 ? count - 1 == letter : lastClass < unit.Class)
                ? UnicodeTables.Compose(units[letter].Rune, unit.Rune)
                : 0;
            if (composite != 0)
            {
                units[letter] = units[letter] with
                {
                    Rune = composite,
                    Bare = unit.Class == 0 ? composite : units[letter].Bare,
                    End = Math.Max(units[letter].End, unit.End),
                };
            }
            else if (Characters.IsDiacritic(unit.Rune))
            {
                decorated = letter >= 0;
                if (decorated)
                {
                    units[letter] =
                        units[letter] with { Rune = units[letter].Bare, End = Math.Max(units[letter].End, unit.End) };
                }
            }
            else
            {
                (letter, decorated) = unit.Class == 0 ? (count, false) : (letter, decorated);
                lastClass = unit.Class;
                units[count++] = unit;
            }
        }

        list.RemoveRange(count, list.Count - count);
    }

    private static void Fold(List<Unit> list)
    {
        var units = CollectionsMarshal.AsSpan(list);
        var count = 0;
        foreach (var unit in units)
        {
            var rune = LookAlikes.Fold(new Rune(unit.Rune));
            if (!Rune.IsWhiteSpace(rune))
            {
                units[count++] = unit with { Rune = rune.Value };
            }
            else if (count > 0 && units[count - 1].Rune == ' ')
            {
                units[count - 1] = units[count - 1] with { End = unit.End };
            }
            else
            {
                units[count++] = unit with { Rune = ' ' };
            }
        }

        list.RemoveRange(count, list.Count - count);
    }

    /// <param name="Start">Where in the original text it begins.</param>
    /// <param name="End">Where in the original text it and what was dropped after it ends.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Unit(int Rune, int Start, int End)
    {
        /// <summary>Without the marks on it.</summary>
        public int Bare { get; init; } = Rune;

        public byte Class { get; } = UnicodeTables.Class(Rune);
    }
}
