using System.Text;
using Rookery.Kernel.Expressions.Parsing;

namespace Rookery.Kernel.Expressions.Functions;

internal static class TextFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("upper(text)", (ref run, a) => run.Text(a[0]).ToUpperInvariant(), "uppercase"),
        new("lower(text)", (ref run, a) => run.Text(a[0]).ToLowerInvariant(), "lowercase"),
        new("capitalize(text)", (ref run, a) => Capitals(run.Text(a[0]), everyWord: false)),
        new("title(text)", (ref run, a) => Capitals(run.Text(a[0]), everyWord: true)),
        new("trim(text, characters?)", Trim, "strip"),
        new("replace(text, old, new)", Replace),
        new("split(text, separator?)", Split),
        new("join(list, separator?)", Join),
        new("starts_with(text, part)", (ref run, a) =>
            run.Text(a[0]).StartsWith(run.Text(a[1]), StringComparison.Ordinal), "startswith"),
        new("ends_with(text, part)", (ref run, a) =>
            run.Text(a[0]).EndsWith(run.Text(a[1]), StringComparison.Ordinal), "endswith"),
        new("find(text, part)", Find),
        new("matches_regex(text, pattern)", MatchesRegex),
        new("repeat(text, times)", Repeat),
        new("pad_start(text, length, filler?)", (ref run, a) => Filler(ref run, a) + run.Text(a[0])),
        new("pad_end(text, length, filler?)", (ref run, a) => run.Text(a[0]) + Filler(ref run, a)),
        new("truncate(text, length, ending?)", Truncate),
        new("plural(number, one, many)", (ref run, a) => Math.Abs(run.Number(a[0])) == 1 ? a[1] : a[2]),
        new("urlencode(text)", UrlEncode),
    ];

    private static string Capitals(string text, bool everyWord)
    {
        var result = new StringBuilder(text.Length);
        var first = true;
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(first ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune));
            first = everyWord ? Rune.IsWhiteSpace(rune) || rune.Value == '-' : first && Rune.IsWhiteSpace(rune);
        }

        return result.ToString();
    }

    private static Value Trim(ref Run run, scoped ReadOnlySpan<Value> a) => a.Length == 1
        ? run.Text(a[0]).Trim()
        : run.Text(a[0]).Trim(run.Text(a[1]).ToCharArray());

    private static Value Replace(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var (text, old, by) = (run.Text(a[0]), run.Text(a[1]), run.Text(a[2]));
        if (old.Length == 0 || !run.ChargeSearch(text, old))
        {
            return text;
        }

        var length = text.Length + ((long)text.AsSpan().Count(old) * (by.Length - old.Length));
        return length > run.Limits.Text
            ? run.TooLarge(run.Limits.Text, "characters")
            : text.Replace(old, by, StringComparison.Ordinal);
    }

    private static Value Split(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var text = run.Text(a[0]);
        var separator = a.Length == 2 ? run.Text(a[1]) : null;
        if (separator is "")
        {
            return Value.Own(new Characters(text).ToList().ToArray());
        }

        if (!run.ChargeSearch(text, separator ?? ""))
        {
            return default;
        }

        var parts = separator is null
            ? text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            : text.Split(separator);
        return Value.Own(Array.ConvertAll(parts, p => (Value)p));
    }

    /// <summary>Also takes the separator first, for <c>", ".join(list)</c>.</summary>
    private static Value Join(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var swapped = a.Length == 2 && a[0].Kind != ValueKind.List && a[1].Kind == ValueKind.List;
        var items = run.Items(a[swapped ? 1 : 0]);
        var separator = a.Length == 2 ? run.Text(a[swapped ? 0 : 1]) : "";
        var text = new StringBuilder();
        for (var i = 0; i < items.Length && text.Length <= run.Limits.Text && !run.Failed; i++)
        {
            text.Append(i > 0 ? separator : "").Append(run.Text(items[i]));
        }

        return text.Length > run.Limits.Text ? run.TooLarge(run.Limits.Text, "characters") : text.ToString();
    }

    private static Value Find(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var (text, part) = (run.Text(a[0]), run.Text(a[1]));
        var at = run.ChargeSearch(text, part) ? text.IndexOf(part, StringComparison.Ordinal) : -1;
        return at < 0 ? -1 : new Characters(text).CountTo(at);
    }

    private static Value MatchesRegex(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var matches = Patterns.Match(run.Text(a[0]), run.Text(a[1]), out var problem);
        return problem is null ? matches : run.WrongValue(problem);
    }

    private static Value Repeat(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var text = run.Text(a[0]);
        var times = run.Whole(a[1], 0, int.MaxValue);
        return text.Length * times > run.Limits.Text
            ? run.TooLarge(run.Limits.Text, "characters")
            : text.Length == 0 ? "" : new StringBuilder().Insert(0, text, (int)times).ToString();
    }

    /// <summary>What makes a text as long as it should be.</summary>
    private static string Filler(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var missing = (int)run.Whole(a[1], 0, run.Limits.Text) - new Characters(run.Text(a[0])).Count;
        var filler = a.Length == 3 ? run.Text(a[2]) : " ";
        var length = new Characters(filler).Count;
        if (missing <= 0 || length == 0 || run.Failed)
        {
            return "";
        }

        var times = (missing / length) + 1;
        if ((long)filler.Length * times > 2L * run.Limits.Text)
        {
            run.TooLarge(run.Limits.Text, "characters");
            return "";
        }

        var whole = new StringBuilder().Insert(0, filler, times).ToString();
        return new Characters(whole).Slice(0, missing);
    }

    private static Value Truncate(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var text = run.Text(a[0]);
        var ending = a.Length == 3 ? run.Text(a[2]) : "…";
        var length = (int)run.Whole(a[1], 0, int.MaxValue);
        var characters = new Characters(text);
        if (characters.Count <= length)
        {
            return text;
        }

        var room = length - new Characters(ending).Count;
        return room < 0 ? characters.Slice(0, length) : characters.Slice(0, room).TrimEnd() + ending;
    }

    private static Value UrlEncode(ref Run run, scoped ReadOnlySpan<Value> a)
    {
        var text = run.Text(a[0]);
        return text.Length > run.Limits.Text
            ? run.TooLarge(run.Limits.Text, "characters")
            : Uri.EscapeDataString(text);
    }
}
