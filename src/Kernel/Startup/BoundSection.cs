namespace Rookery.Kernel.Startup;

/// <summary>A section of the configuration and the keys that are read from it.</summary>
public sealed record BoundSection(string Name, IReadOnlyList<string> Keys)
{
    public static BoundSection Of<T>(string name) =>
        new(name, [.. typeof(T).GetProperties().Where(p => p.CanWrite).Select(p => p.Name)]);
}
