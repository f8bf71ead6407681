using System.ComponentModel.DataAnnotations;

namespace Rookery.Kernel.Web;

/// <summary>The section <c>Http</c>.</summary>
public sealed class GuardedHttpOptions : IValidatableObject
{
    /// <summary>
    /// Hosts that may be called although their addresses are private: a name or an address, with or without a port, for
    /// example <c>weather-module</c>, <c>10.0.0.7:8080</c> or <c>[fd00::7]:8080</c>. Without a port every port is
    /// meant.
    /// </summary>
    public IReadOnlyList<string> AllowedPrivateHosts { get; init; } = [];

    /// <summary>Longest answer that is read; a longer one is given up.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxResponseBytes { get; init; } = 1024 * 1024;

    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one try to deliver an outgoing webhook may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan WebhookTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedPrivateHosts
        .Where(entry => AllowedHost.Parse(entry) is null)
        .Select(entry => new ValidationResult(
            $"Http:AllowedPrivateHosts holds '{entry}'; write a host name or an address, with or without a port."));
}
