using System.Buffers;
using System.Globalization;
using System.Text;

namespace Rookery.Modules.Moderation.Matching;

/// <summary>
/// Where words end: between two characters that are not both letters, marks, digits or underscores. So <c>:)</c> is
/// found in <c>hello:)</c>, and <c>ass</c> is not in <c>class</c>.
/// </summary>
internal static class WordBoundary
{
    public static bool Surrounds(ReadOnlySpan<char> text, int start, int length) =>
        At(text, start) && At(text, start + length);

    private static bool At(ReadOnlySpan<char> text, int index) =>
        !(EndsInWord(text[..index]) && StartsInWord(text[index..]));

    private static bool EndsInWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool StartsInWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) =>
        rune.Value == '_' || Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
