using System.Globalization;

namespace Rookery.Modules.Moderation.Text;

/// <summary>
/// What NFKC needs to know of Unicode. The runtime's own normaliser does nothing under invariant globalization, which
/// is how the server runs, so the tables come along.
/// </summary>
internal static class UnicodeTables
{
    private const int HangulFirst = 0xAC00;
    private const int LeadFirst = 0x1100, LeadCount = 19;
    private const int VowelFirst = 0x1161, VowelCount = 21;
    private const int TailFirst = 0x11A7, TailCount = 28;

    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly Dictionary<int, byte> Classes = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];

    static UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("unicode.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            Read(line.Split(' '));
        }
    }

    /// <summary>The full compatibility decomposition; null for a code point that stays itself.</summary>
    public static int[]? Decompose(int rune) => rune < 0xA0 ? null : Decompositions.GetValueOrDefault(rune);

    /// <summary>The canonical combining class; 0 for everything that is no mark.</summary>
    public static byte Class(int rune) => rune < 0x300 ? (byte)0 : Classes.GetValueOrDefault(rune);

    /// <summary>The one code point that the two together are; 0 when there is none.</summary>
    public static int Compose(int first, int second)
    {
        if (second < 0x300)
        {
            return 0;
        }

        if (first - LeadFirst is >= 0 and < LeadCount && second - VowelFirst is >= 0 and < VowelCount)
        {
            return HangulFirst + ((((first - LeadFirst) * VowelCount) + second - VowelFirst) * TailCount);
        }

        var syllable = first - HangulFirst;
        return syllable is >= 0 and < LeadCount * VowelCount * TailCount && syllable % TailCount == 0
            && second - TailFirst is > 0 and < TailCount
            ? first + second - TailFirst
            : Compositions.GetValueOrDefault((first, second));
    }

    /// <summary>Reads a line of <c>unicode.txt</c>, whose head says what the lines hold.</summary>
    private static void Read(string[] words)
    {
        switch (words[0])
        {
            case "D":
                var first = Hex(words[1]);
                for (var i = 2; i < words.Length; i++)
                {
                    Decompositions[first + i - 2] = [.. words[i].Split('+').Select(Hex)];
                }

                break;
            case "K":
                var mark = byte.Parse(words[1], CultureInfo.InvariantCulture);
                foreach (var range in words.Skip(2).Select(w => w.Split('-')))
                {
                    for (var rune = Hex(range[0]); rune <= Hex(range[^1]); rune++)
                    {
                        Classes[rune] = mark;
                    }
                }

                break;
            case "C":
                foreach (var pair in words.Skip(2).Select(w => w.Split('>')))
                {
                    Compositions[(Hex(pair[0]), Hex(words[1]))] = Hex(pair[1]);
                }

                break;
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
