namespace Rookery.Kernel.Chat;

/// <summary>What there is in a server of one platform, so that nobody can choose what is another's.</summary>
public interface IServerPlaces
{
    Platform Platform { get; }

    /// <returns>Null when the platform does not tell: the bot is not there, or the platform is away.</returns>
    Task<ServerPlaces?> FindAsync(string server, CancellationToken ct);
}

/// <param name="Channels">In which messages can be posted.</param>
/// <param name="Roles">That a message can mention.</param>
public sealed record ServerPlaces(string Name, string? OwnerId, IReadOnlyList<Place> Channels, IReadOnlyList<Place> Roles);

/// <param name="Problem">Why the bot cannot use it; null: it can, as far as the platform tells.</param>
public sealed record Place(string Id, string Name, string? Problem = null);
