namespace Rookery.Kernel.Chat;

/// <summary>Makes and removes roles that exist to be mentioned, in the servers of one platform.</summary>
public interface IServerRoles
{
    Platform Platform { get; }

    /// <summary>Makes a role that may do nothing, and that the bot can give and mention.</summary>
    /// <param name="name">As people see it; cut where the platform takes less.</param>
    /// <param name="reason">For the server's own log.</param>
    Task<MadeRole> MakeAsync(string server, string name, string reason, CancellationToken ct);

    /// <returns>Why it still is there, for people; null: it is gone, perhaps long since.</returns>
    Task<string?> RemoveAsync(string server, string role, string reason, CancellationToken ct);
}

/// <param name="Id">Null: there is none, because of the problem.</param>
/// <param name="Problem">For people, with the cure.</param>
public sealed record MadeRole(string? Id, string? Problem = null);

/// <summary>Where somebody lets the bot into a server of one platform.</summary>
public interface IInstallPage
{
    Platform Platform { get; }

    /// <summary>The page asks for no more rights than the features need.</summary>
    /// <param name="server">Chosen beforehand; null: whoever comes there chooses.</param>
    /// <returns>Null when the platform is off or does not tell now.</returns>
    ValueTask<Uri?> AddressAsync(string? server, CancellationToken ct);
}
