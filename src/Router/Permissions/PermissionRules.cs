using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Router.Permissions;

/// <summary>
/// <c>command_permissions.permissions</c>. A denied user never may; an allowed user always; then a denied role not, an
/// allowed role yes; then the least role decides (the command's own where none is set here).
/// </summary>
internal sealed record PermissionRules
{
    public string? MinRole { get; init; }

    public IReadOnlyList<string> AllowUsers { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> DenyUsers { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> AllowRoles { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> DenyRoles { get; init => field = value ?? []; } = [];

    /// <summary>What is no rule, so that a misspelt one is refused and not passed over.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }

    [JsonIgnore]
    public bool SaysNothing =>
        MinRole is null && AllowUsers.Count + DenyUsers.Count + AllowRoles.Count + DenyRoles.Count == 0;

    public bool Allows(Member member, Role commandMinRole)
    {
        if (DenyUsers.Contains(member.UserId, StringComparer.Ordinal))
        {
            return false;
        }

        if (AllowUsers.Contains(member.UserId, StringComparer.Ordinal))
        {
            return true;
        }

        var role = member.Role.Name();
        if (DenyRoles.Contains(role, StringComparer.Ordinal))
        {
            return false;
        }

        return AllowRoles.Contains(role, StringComparer.Ordinal)
            || member.Role >= (Roles.TryParse(MinRole, out var least) ? least : commandMinRole);
    }

    /// <summary>Says what is wrong with rules that came from outside.</summary>
    public void Check(Checks checks)
    {
        foreach (var name in Unknown?.Keys ?? [])
        {
            checks.Fail(
                $"permissions.{name}",
                "is no rule; there are min_role, allow_users, deny_users, allow_roles and deny_roles.");
        }

        checks.That(
            MinRole is null || Roles.TryParse(MinRole, out _),
            "permissions.min_role",
            $"must be one of {string.Join(", ", Roles.All)}.");
        foreach (var (field, roles) in new[] { ("permissions.allow_roles", AllowRoles), ("permissions.deny_roles", DenyRoles) })
        {
            checks.That(roles.All(r => Roles.TryParse(r, out _)), field, $"may hold {string.Join(", ", Roles.All)}.");
        }

        foreach (var (field, users) in new[] { ("permissions.allow_users", AllowUsers), ("permissions.deny_users", DenyUsers) })
        {
            checks.That(users.Count <= 1000, field, "may hold at most 1000 users.");
            checks.That(
                users.All(u => u is { Length: > 0 and <= 255 } && Checks.Storable(u)),
                field,
                "holds an id that is empty, too long or not storable.");
        }
    }

    public static PermissionRules Parse(string json) =>
        JsonSerializer.Deserialize(json, RouterJson.Default.PermissionRules)!;
}
