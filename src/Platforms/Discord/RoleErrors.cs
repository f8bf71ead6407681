using Rookery.Kernel.Web;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>Why Discord leaves roles as they are.</summary>
internal enum RoleError
{
    /// <summary>It does not, or for a reason that is not about roles.</summary>
    None,
    NoServer,
    NoMember,
    NoRole,
    TooMany,
    Forbidden,
}

/// <remarks>Source: Discord developer documentation, Opcodes and status codes, JSON error codes.</remarks>
internal static class RoleErrors
{
    public const string NotThere = "The bot is not in the server. Let it in again.";

    public static RoleError Of(GuardedResponse answer) => answer.Status is < 400 or >= 500 or 429
        ? RoleError.None
        : (RestAnswer.CodeOf(answer), answer.Status) switch
        {
            (10004 or 50001, _) => RoleError.NoServer,
            (10007 or 10013, _) => RoleError.NoMember,
            (10011, _) => RoleError.NoRole,
            (30005, _) => RoleError.TooMany,
            (50013, _) or (_, 403) => RoleError.Forbidden,
            _ => RoleError.None,
        };
}
