using Rookery.Kernel.Chat;

namespace Rookery.Kernel.Coordination;

/// <summary>A platform on this node: does the work of what the node claims. Called by one caller at a time.</summary>
public interface IClaimant
{
    Platform Platform { get; }

    /// <summary>The platform's names of the events it understands.</summary>
    IReadOnlyList<string> SupportedEvents { get; }

    /// <summary>Begins the work and returns. It has until <see cref="Claim.Lost"/> fires or it is stopped.</summary>
    /// <exception cref="Exception">The row is given back and left alone for a while.</exception>
    Task StartAsync(Claim claim, CancellationToken ct);

    /// <summary>Ends the work; once this returns nothing is done for the claim any more. Called once for each start.</summary>
    /// <returns>The last note.</returns>
    Task<string?> StopAsync(Claim claim, CancellationToken ct);

    /// <summary>
    /// What the next holder needs to go on, as a JSON object that is merged into the row's metadata; asked for every few
    /// seconds. Null: nothing new.
    /// </summary>
    ValueTask<string?> NoteAsync(Claim claim, CancellationToken ct) => default;
}
