using System.Collections.Frozen;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Router.Registry;

namespace Rookery.Router.Permissions;

/// <summary>What one channel says about one command.</summary>
internal sealed record Permission(bool IsEnabled, JsonElement Config, PermissionRules Rules);

/// <summary>
/// The permissions of each channel, in memory from its first command on, and read anew when they change.
/// </summary>
internal sealed class PermissionTable
{
    public static readonly JsonElement NoConfig = JsonElement.Parse("{}");

    private readonly Cached<FrozenDictionary<long, Permission>> _byEntity;

    public PermissionTable(Database db, ChangeFeed feed) =>
        _byEntity = new(feed, "command_permissions", entity => LoadAsync(entity, db));

    /// <summary>
    /// What the channel says about the command; null when it says nothing and the default policy holds.
    /// </summary>
    public async ValueTask<Permission?> FindAsync(Command command, Entity entity, CancellationToken ct) =>
        (await _byEntity.GetAsync(entity.Id, ct)).GetValueOrDefault(command.Id);

    public void Forget(Entity entity) => _byEntity.Forget(entity.Id);

    public static bool IsEnabled(Command command, Permission? permission) =>
        permission?.IsEnabled ?? command.OnByDefault;

    public static bool Allows(Command command, Permission? permission, Member member) =>
        (permission?.Rules ?? Nobody).Allows(member, command.MinRole);

    private static PermissionRules Nobody { get; } = new();

    private static async Task<FrozenDictionary<long, Permission>> LoadAsync(long entity, Database db)
    {
        var rows = await db.Write.ListAsync(
            $"select command_id, is_enabled, config::text, permissions::text from router.command_permissions where entity_id = {entity}",
            r =>
                KeyValuePair.Create(
                    r.GetInt64(0),
                    new Permission(r.GetBoolean(1), JsonElement.Parse(r.GetString(2)), PermissionRules.Parse(r.GetString(3)))),
            CancellationToken.None);
        return rows.ToFrozenDictionary();
    }
}
