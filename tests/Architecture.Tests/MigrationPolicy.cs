using System.Globalization;
using System.Text.RegularExpressions;

namespace Rookery.Architecture.Tests;

/// <summary>A migration file as the policy sees it.</summary>
/// <param name="Schemas">The schemas its owner may touch.</param>
internal sealed record Migration(string File, IReadOnlyList<string> Schemas, string Text);

/// <summary>
/// Migrations only add: while nodes are replaced one by one, older ones go on working on the newer structure. What a
/// file makes itself it may shape as it likes; what an earlier file made may grow, but not shrink or tighten. An index that
/// only makes reading fast, and a reference, may go.
/// </summary>
internal static partial class MigrationPolicy
{
    private const string Name = @"(?<name>[\w.]+)";

    /// <summary>
    /// The statements a migration may hold, each with what it touches. Anything else cannot be judged and is refused.
    /// </summary>
    private static readonly Regex[] Known =
    [
        Statement($"create schema (if not exists )?{Name}"),
        Statement($"create (unlogged )?table (if not exists )?{Name}"),
        Statement($"create (?<unique>unique )?index (if not exists )?(?<index>\\w+) on (only )?{Name}"),
        Statement($"drop index (?<dropped>{Name})$"),
        Statement($"create (or replace )?trigger \\w+ .*? on {Name}"),
        Statement($"create (or replace )?(function|view|sequence|type|domain) {Name}"),
        Statement($"comment on (table|column|schema|index|function|constraint \\w+ on|trigger \\w+ on) {Name}"),
        Statement($"insert into {Name}"),
        Statement($"update {Name}"),
        Statement($"alter table (?<alter>)(if exists )?(only )?{Name} (?<change>.*)"),
        Statement($"alter sequence {Name}"),
    ];

    public static IEnumerable<string> Violations(IReadOnlyList<Migration> migrations)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        var made = new HashSet<string>(StringComparer.Ordinal);
        var indexes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var migration in migrations.OrderBy(m => Path.GetFileName(m.File), StringComparer.Ordinal))
        {
            var name = Path.GetFileName(migration.File);
            if (!FileName().IsMatch(name)
                || !DateTime.TryParseExact(name[..15], "yyyyMMdd_HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            {
                yield return $"{migration.File}: should be named YYYYMMDD_HHMMSS_description.sql.";
                continue;
            }

            if (!seen.TryAdd(name[..15], migration.File))
            {
                yield return $"{migration.File}: has the version of {seen[name[..15]]}; versions are unique over all owners.";
            }

            var mine = new HashSet<string>(StringComparer.Ordinal);
            foreach (var statement in Split(migration.Text))
            {
                if (Judge(statement, migration.Schemas, made, mine, indexes) is { } wrong)
                {
                    yield return $"{migration.File}: {wrong} In: {statement[..Math.Min(120, statement.Length)]}";
                }
            }

            made.UnionWith(mine);
        }
    }

    /// <param name="earlier">Tables made by earlier files.</param>
    /// <param name="mine">Tables made by this file so far; grows.</param>
    /// <param name="indexes">Indexes made so far that are not unique; grows.</param>
    private static string? Judge(
        string statement, IReadOnlyList<string> schemas, HashSet<string> earlier, HashSet<string> mine, HashSet<string> indexes)
    {
        if (statement.StartsWith("select ", StringComparison.Ordinal))
        {
            return null;
        }

        if (Known.Select(k => k.Match(statement)).FirstOrDefault(m => m.Success) is not { } match)
        {
            return "only adding statements are allowed: nothing is dropped, renamed, deleted, emptied or hidden in a block.";
        }

        var target = match.Groups["name"].Value.Split('.');
        if (!schemas.Contains(target[0], StringComparer.Ordinal))
        {
            return $"touches {match.Groups["name"].Value}, but its owner has {string.Join(", ", schemas)} (names are written with their schema).";
        }

        if (match.Groups["dropped"].Success)
        {
            return indexes.Contains(match.Groups["name"].Value) ? null : "only an index that is not unique may be dropped.";
        }

        if (match.Groups["index"].Success && !match.Groups["unique"].Success)
        {
            indexes.Add($"{target[0]}.{match.Groups["index"].Value}");
        }

        var table = string.Join('.', target.Take(2));
        if (statement.StartsWith("create", StringComparison.Ordinal)
            && statement.Contains(" table ", StringComparison.Ordinal))
        {
            mine.Add(table);
        }

        if (!earlier.Contains(table) || mine.Contains(table))
        {
            return null;
        }

        return match.Groups["unique"].Success ? "a unique index tightens a table of an earlier file."
            : match.Groups["alter"]
                .Success ? Changes(match.Groups["change"].Value)
                .Select(JudgeChange)
                .FirstOrDefault(w => w is not null)
            : null;
    }

    private static string? JudgeChange(string change) =>
        AddsColumn().IsMatch(change)
            ? change.Contains(" not null", StringComparison.Ordinal)
                && !change.Contains(" default ", StringComparison.Ordinal)
                && !change.Contains(" generated ", StringComparison.Ordinal)
                ? "a new column that must not be null needs a default, for older nodes do not fill it."
                : TightensColumn().IsMatch(change)
                    ? "a key or reference on a table of an earlier file tightens it."
                    : null
            : Loosens().IsMatch(change) ? null
            : $"'{change}' shrinks, renames or tightens a table of an earlier file.";

    /// <summary>The parts of an alter table, split at commas outside brackets.</summary>
    private static IEnumerable<string> Changes(string text)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }

        yield return text[start..].Trim();
    }

    /// <summary>Statements in lower case and one line each; comments gone, texts and function bodies emptied.</summary>
    private static IEnumerable<string> Split(string text) => Noise()
        .Replace(
            text,
            m => m.Value.StartsWith("--", StringComparison.Ordinal) || m.Value.StartsWith("/*", StringComparison.Ordinal) ? " " : "''")
        .Split(';')
        .Select(s => Space().Replace(s, " ").Trim().ToLowerInvariant())
        .Where(s => s.Length > 0);

    private static Regex Statement(string pattern) =>
        new($"^{pattern}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"^\d{8}_\d{6}_[a-z0-9]+(_[a-z0-9]+)*\.sql$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileName();

    [GeneratedRegex(@"--[^\n]*|/\*.*?\*/|\$(?<tag>\w*)\$.*?\$\k<tag>\$|'([^']|'')*'", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Noise();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Space();

    [GeneratedRegex(@"^add (column )?(if not exists )?(?!constraint|check|unique|primary|foreign|exclude)\w+ ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AddsColumn();

    [GeneratedRegex(@" unique\b| primary key\b", RegexOptions.None, 1000)]
    private static partial Regex TightensColumn();

    [GeneratedRegex(@"^alter (column )?\w+ (set default |drop not null$|restart|set statistics )|^set \(|^enable trigger |^drop constraint \w+_fkey$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Loosens();
}
