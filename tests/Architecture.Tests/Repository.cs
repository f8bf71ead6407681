using System.Reflection;
using Rookery.Host;
using Rookery.Kernel;

namespace Rookery.Architecture.Tests;

/// <summary>One part of the program: a project under <c>src/</c>, its folder and its assembly.</summary>
internal sealed record Part(string Name, string Folder, Assembly Assembly)
{
    /// <summary>What plugs in; null for the kernel's and the host's other code.</summary>
    public IReadOnlyList<IModule> Modules => [.. ModuleList.All.Where(m => m.GetType().Assembly == Assembly)];

    /// <summary>A schema has its module's name; that of the live posts is called by what it holds.</summary>
    public IReadOnlyList<string> Schemas => [.. Modules.Select(m => m.Name == "live_posts" ? "live" : m.Name)];

    public bool IsPlatform => Path.GetFileName(Path.GetDirectoryName(Folder)) == "Platforms";

    public IEnumerable<string> Sources => Repository.Files(Folder, ".cs", ".sql");

    public IEnumerable<string> Migrations =>
        Directory.Exists(Path.Combine(Folder, "Migrations"))
            ? Directory.GetFiles(Path.Combine(Folder, "Migrations")).Order(StringComparer.Ordinal)
            : [];

    public override string ToString() => Name;
}

/// <summary>The sources these tests read.</summary>
internal static class Repository
{
    private static readonly string[] Foreign = ["artifacts", "node_modules", ".git", ".rookery", "bin", "obj"];

    public static string Root { get; } = TestPostgres.RepositoryRoot();

    public static Part Kernel { get; } = new("Kernel", InRoot("src", "Kernel"), typeof(IModule).Assembly);

    public static Part Host { get; } = new("Host", InRoot("src", "Host"), typeof(ModuleList).Assembly);

    /// <summary>What stands between kernel and host: the router, every platform, every module.</summary>
    public static IReadOnlyList<Part> Middle { get; } =
    [
        new("Router", InRoot("src", "Router"), Assembly.Load("Rookery.Router")),
        new("Workflows", InRoot("src", "Workflows"), Assembly.Load("Rookery.Workflows")),
        .. PartsIn("Platforms"),
        .. PartsIn("Modules"),
    ];

    public static IReadOnlyList<Part> All { get; } = [Kernel, .. Middle, Host];

    public static IEnumerable<string> Files(string folder, params string[] extensions) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => extensions.Contains(Path.GetExtension(f), StringComparer.Ordinal))
            .Where(f => !Path.GetRelativePath(Root, f).Split(Path.DirectorySeparatorChar).Intersect(Foreign, StringComparer.Ordinal).Any())
            .Order(StringComparer.Ordinal);

    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string InRoot(params string[] path) => Path.Combine([Root, .. path]);

    private static IEnumerable<Part> PartsIn(string folder) => Directory.GetDirectories(InRoot("src", folder))
        .Where(f => Files(f, ".cs").Any())
        .Order(StringComparer.Ordinal)
        .Select(f => new Part(Path.GetFileName(f), f, Assembly.Load($"Rookery.{folder}.{Path.GetFileName(f)}")));
}
