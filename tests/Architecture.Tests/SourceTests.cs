using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Rookery.Architecture.Tests;

/// <summary>What is read off the text of the sources.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 300;
    private const int MaxTestLines = 400;

    /// <summary>Words that mean something was left unfinished or done around the rules.</summary>
    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b|#region|NotImplementedException|Thread\.Sleep|Task\.Run\(|\.GetAwaiter\(\)\.GetResult\(\)|_ = \w+Async\(|#nullable disable", RegexOptions.None, 1000)]
    private static partial Regex Banned();

    [GeneratedRegex(@"\bcatch\s*\{(?<body>[^{}]*)\}", RegexOptions.None, 1000)]
    private static partial Regex BareCatch();

    [Fact]
    public void Files_are_short() => Texts()
        .Select(f => (File: Repository.Relative(f), Lines: File.ReadLines(f).Count()))
        .Where(f => f.Lines > (f.File.StartsWith("tests", StringComparison.Ordinal) ? MaxTestLines : MaxLines))
        .Select(f => $"{f.File} has {f.Lines} lines; cut it into classes of one purpose each ({MaxLines} at most, {MaxTestLines} for tests; 200 is the aim)")
        .ShouldBeEmpty();

    [Fact]
    public void No_banned_words() => Texts()
        .SelectMany(f => File.ReadLines(f).Select((line, i) => (File: f, Line: line, Number: i + 1)))
        .Where(l => l.File != ThisFile() && Banned().IsMatch(l.Line))
        .Select(l => $"{Repository.Relative(l.File)}:{l.Number}: {l.Line.Trim()}")
        .ShouldBeEmpty();

    [Fact]
    public void A_catch_without_a_type_throws_on() => Texts()
        .Where(f => f.EndsWith(".cs", StringComparison.Ordinal))
        .SelectMany(f => BareCatch().Matches(File.ReadAllText(f)).Select(m => (File: f, Body: m.Groups["body"].Value)))
        .Where(c => !c.Body.Contains("throw;", StringComparison.Ordinal))
        .Select(c => Repository.Relative(c.File))
        .ShouldBeEmpty();

    private static IEnumerable<string> Texts() => new[] { "src", "tests" }
        .SelectMany(folder => Repository.Files(Path.Combine(Repository.Root, folder), ".cs", ".sql", ".ts", ".tsx", ".js", ".css", ".sh"));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
