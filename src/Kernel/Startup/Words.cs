namespace Rookery.Kernel.Startup;

/// <summary>Finds what somebody who mistyped a word may have meant.</summary>
internal static class Words
{
    /// <param name="within">How many letters it may be away.</param>
    /// <returns>Null when nothing is that near.</returns>
    public static string? Nearest(string word, IEnumerable<string> known, int within) =>
        known.MinBy(k => (Distance(k, word), k)) is { } nearest && Distance(nearest, word) <= within ? nearest : null;

    /// <summary>How many letters are to be changed, added or left out to make one word of the other.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            (var diagonal, row[0]) = (row[0], i);
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
