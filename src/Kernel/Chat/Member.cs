using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Chat;

/// <summary>What somebody may do in a community, least first. Each role includes the ones before it.</summary>
[JsonConverter(typeof(SnakeCase<Role>))]
public enum Role
{
    Member,
    Vip,
    Subscriber,
    Moderator,
    Admin,
    Owner,
}

public static class Roles
{
    private static readonly string[] Names = ["member", "vip", "subscriber", "moderator", "admin", "owner"];

    public static IReadOnlyList<string> All => Names;

    public static string Name(this Role role) => Names[(int)role];

    public static bool TryParse(string? name, out Role role)
    {
        var index = Array.IndexOf(Names, name);
        role = index < 0 ? default : (Role)index;
        return index >= 0;
    }
}

/// <summary>Somebody who acts on a platform.</summary>
/// <param name="UserId">The platform's own id of the account.</param>
/// <param name="Name">What the platform shows.</param>
/// <param name="Role">The higher of what the platform vouched for and what the community granted.</param>
public sealed record Member(Platform Platform, string UserId, string Name, Role Role)
{
    /// <summary><c>platform:user</c>, for logs and <c>created_by</c>-like columns that span platforms.</summary>
    public string Key => $"{Platform.Name()}:{UserId}";
}
