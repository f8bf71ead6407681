using Microsoft.Extensions.Configuration;

namespace Rookery.Kernel.Startup;

/// <summary>The options of a platform that is off until it has its credentials.</summary>
public interface IPlatformOptions
{
    /// <summary>Why the platform is off, naming the settings that turn it on; null: it is on.</summary>
    string? OffBecause { get; }
}

/// <summary>Tells of a platform what its settings make of it.</summary>
/// <param name="Name">For people: Discord.</param>
/// <param name="OffBecause">As <see cref="IPlatformOptions.OffBecause"/>; throws when a value cannot be read.</param>
public sealed record PlatformSwitch(string Name, Func<IConfiguration, string?> OffBecause);
