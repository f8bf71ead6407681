using System.ComponentModel.DataAnnotations;

namespace Rookery.Kernel.Coordination;

/// <summary>The section <c>Coordination</c>. The same on every node.</summary>
public sealed class CoordinationOptions : IValidatableObject
{
    /// <summary>How long a claim lasts after its last check-in.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "1.00:00:00")]
    public TimeSpan ClaimFor { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often a holder checks in; <c>heartbeat_interval</c> of rows that are put up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan CheckIn { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// After so long without a check-in a holder stops by itself and anybody may take its rows. A node that died is not
    /// waited for: its rows are free at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "1.00:00:00")]
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>Rows of one platform a node holds at most; 0: no limit but the fair share.</summary>
    [Range(0, 1_000_000)]
    public int MaxClaims { get; init; }

    /// <summary>How often a node looks for what is free and writes down how far it is.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a collector says that it lives; two missed ones make it inactive.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMinutes(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CheckIn >= Silence || Silence > ClaimFor || Period >= Silence)
        {
            yield return new ValidationResult(
                "Coordination: CheckIn and Period must be shorter than Silence, and Silence not longer than ClaimFor.");
        }
    }
}
