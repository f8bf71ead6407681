using System.Collections.Concurrent;
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

    private readonly Database _db;
    private readonly ConcurrentDictionary<long, Task<FrozenDictionary<long, Permission>>> _byEntity = new();

    public PermissionTable(Database db, ChangeFeed feed)
    {
        _db = db;
        feed.On("command_permissions", Forget);
    }

    /// <summary>
    /// What the channel says about the command; null when it says nothing and the default policy holds.
    /// </summary>
    public async ValueTask<Permission?> FindAsync(Command command, Entity entity)
    {
        var load = _byEntity.GetOrAdd(entity.Id, static (id, db) => LoadAsync(id, db), _db);
        try
        {
            return (load.IsCompletedSuccessfully ? load.Result : await load).GetValueOrDefault(command.Id);
        }
        catch
        {
            _byEntity.TryRemove(KeyValuePair.Create(entity.Id, load));
            throw;
        }
    }

    public static bool IsEnabled(Command command, Permission? permission) =>
        permission?.IsEnabled ?? command.OnByDefault;

    public static bool Allows(Command command, Permission? permission, Member member) =>
        (permission?.Rules ?? Nobody).Allows(member, command.MinRole);

    /// <param name="entity">The entity's number; anything else forgets all.</param>
    public void Forget(string entity)
    {
        if (long.TryParse(entity, System.Globalization.CultureInfo.InvariantCulture, out var id))
        {
            _byEntity.TryRemove(id, out _);
        }
        else
        {
            _byEntity.Clear();
        }
    }

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
