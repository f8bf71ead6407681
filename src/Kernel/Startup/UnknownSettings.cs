using Microsoft.Extensions.Configuration;

namespace Rookery.Kernel.Startup;

/// <summary>Finds what is configured and read by nobody: most often a mistyped name.</summary>
public static class UnknownSettings
{
    private const int Slip = 3;

    /// <returns>A sentence for each, naming the nearest setting there is.</returns>
    public static IReadOnlyList<string> In(IConfiguration configuration, IReadOnlyCollection<BoundSection> sections)
    {
        // What else lies at the top comes from the environment and is other programs': only near misses count there.
        var top = sections.Select(s => s.Name.Split(':')[0]).ToList();
        var misnamed = configuration.GetChildren()
            .Where(c => c.GetChildren().Any() && !Has(top, c.Key))
            .Select(c => (c.Path, Meant: Words.Nearest(c.Key, top, Math.Min(2, c.Key.Length / Slip))))
            .Where(c => c.Meant is not null);
        var groups = sections.Where(s => s.Name.Contains(':', StringComparison.Ordinal))
            .GroupBy(s => s.Name.Split(':')[0], s => s.Name.Split(':')[1], StringComparer.OrdinalIgnoreCase)
            .Select(g => new BoundSection(g.Key, [.. g]));
        return [.. misnamed
            .Concat(groups.Concat(sections).SelectMany(s => Strangers(configuration, s)))
            .Select(f => $"{f.Path} is no setting and does nothing.{(f.Meant is null ? "" : $" Is {f.Meant} meant?")}")];
    }

    private static IEnumerable<(string Path, string? Meant)> Strangers(IConfiguration configuration, BoundSection section) =>
        configuration.GetSection(section.Name).GetChildren()
            .Where(c => !Has(section.Keys, c.Key))
            .Select(c => (c.Path, Words.Nearest(c.Key, section.Keys, Math.Max(2, c.Key.Length / Slip))))
            .Select(c => (c.Path, c.Item2 is null ? null : $"{section.Name}:{c.Item2}"));

    private static bool Has(IEnumerable<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
