using Rookery.Kernel.Chat;
using Rookery.Kernel.Settings;

namespace Rookery.Modules.Memories;

/// <summary>Who may add, edit and delete: moderators and above, and whom the community names in a setting.</summary>
internal sealed class Contributors(SettingsStore settings)
{
    public const string Rule =
        "Adding, editing and deleting is for moderators and for members in the setting memories.contributors.";

    private static readonly char[] Separators = [',', ';', '\n', ' '];

    public static TextSetting Setting { get; } = new(
        "memories",
        "contributors",
        "",
        "Members besides moderators who may add, edit and delete memories: platform:user_id, separated by commas.",
        []);

    public async ValueTask<bool> MayWriteAsync(CommandCall call, CancellationToken ct) =>
        call.Member.Role >= Role.Moderator
        || (await settings.GetAsync(Setting, call.Community, ct))
            .Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Contains(call.Member.Key, StringComparer.Ordinal);
}
