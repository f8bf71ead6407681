using Rookery.Kernel.Chat;
using Rookery.Kernel.Settings;

namespace Rookery.Modules.Moderation;

/// <summary>Whom no rule touches: a role and those above it, as the community has set it.</summary>
internal sealed class Exemption(SettingsStore settings)
{
    private const string Nobody = "nobody";

    public static TextSetting Role { get; } = new(
        "moderation",
        "exempt_role",
        Kernel.Chat.Role.Moderator.Name(),
        "From which role on messages are not screened; nobody screens all.",
        [.. Roles.All, Nobody]);

    public async ValueTask<bool> CoversAsync(Role role, long community, CancellationToken ct) =>
        Roles.TryParse(await settings.GetAsync(Role, community, ct), out var exempt) && role >= exempt;
}
