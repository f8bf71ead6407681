using Rookery.Kernel.Chat;

namespace Rookery.Kernel.SignIn;

/// <summary>What somebody is in a server, from the least to the most.</summary>
public enum Standing
{
    /// <summary>The bot is not there, or there is no such server.</summary>
    UnknownServer,

    /// <summary>They are not in it.</summary>
    Stranger,
    Member,

    /// <summary>They may administer it.</summary>
    Admin,
}

/// <param name="Name">What the server is called; null where that is not known.</param>
/// <param name="Reason">Why they are no admin, for people.</param>
public sealed record ServerRight(Standing Standing, string? Name = null, string? Reason = null)
{
    public static readonly ServerRight Unknown = new(Standing.UnknownServer);
}

/// <summary>
/// Knows who may administer the servers of a platform: asked there and then, remembered for at most
/// <see cref="Keep"/>, forgotten sooner where the platform tells of a change. Never what somebody was at their sign-in.
/// </summary>
public interface IServerAdmins
{
    static readonly TimeSpan Keep = TimeSpan.FromSeconds(60);

    Platform Platform { get; }

    /// <param name="server">As the platform names it: a Discord guild, a Twitch broadcaster, a Slack team.</param>
    /// <returns>Null when the platform does not tell now; that is no yes.</returns>
    Task<ServerRight?> FindAsync(string server, string userId, CancellationToken ct);
}
