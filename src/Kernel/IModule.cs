namespace Rookery.Kernel;

/// <summary>One feature: a folder, a database schema and a URL segment of the same name.</summary>
public interface IModule
{
    /// <summary>Lower-case; also the database schema and the segment under <c>/api/v1/communities/{id}/</c>.</summary>
    string Name { get; }

    /// <summary>Lists everything the feature adds. Reads as the table of contents of its folder.</summary>
    void Add(ModuleBuilder module);
}
