using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Settings;

/// <summary>One setting of one community as it stands.</summary>
public sealed record SettingView(
    string Scope, string Key, JsonElement Value, string ValueType, bool IsDefault, JsonElement Default, string? Allowed, string Description, string? UpdatedBy, DateTimeOffset? UpdatedAt);

/// <summary>One change; fields as in the seed table <c>settings_history</c>.</summary>
public sealed record SettingChange(
    long Id, long GuildId, string Scope, string Key, JsonElement? OldValue, JsonElement NewValue, string ValueType, string ChangedBy, DateTimeOffset ChangedAt, string ChangeType);

/// <summary>
/// The one write path of settings: coerce, validate, store, history, audit, event, in one transaction. Reads come from
/// memory and are never older than the last notification.
/// </summary>
public sealed class SettingsStore
{
    private readonly Database _db;
    private readonly AuditLog _audit;
    private readonly TimeProvider _clock;
    private readonly FrozenDictionary<(string Scope, string Key), Setting> _known;
    private readonly Cached<FrozenDictionary<(string, string), Stored>> _stored;

    public SettingsStore(
        Database db, AuditLog audit, ChangeFeed feed, IEnumerable<Setting> settings, TimeProvider clock)
    {
        _db = db;
        _audit = audit;
        _clock = clock;
        _known = SystemSettings.All.Concat(settings).ToFrozenDictionary(s => (s.Scope, s.Key));
        _stored = new(feed, "settings", LoadAsync);
    }

    public IEnumerable<Setting> Known =>
        _known.Values.OrderBy(s => s.Scope, StringComparer.Ordinal).ThenBy(s => s.Key, StringComparer.Ordinal);

    public Setting? Find(string scope, string key) => _known.GetValueOrDefault((scope, key));

    /// <summary>What a community has set, or the default.</summary>
    public async ValueTask<T> GetAsync<T>(Setting<T> setting, long community, CancellationToken ct) =>
        (await _stored.GetAsync(community, ct)).TryGetValue((setting.Scope, setting.Key), out var stored)
            ? setting.Read(stored.Value)
            : setting.Default;

    public async Task<SettingView> ViewAsync(Setting setting, long community, CancellationToken ct)
    {
        var stored = (await _stored.GetAsync(community, ct)).GetValueOrDefault((setting.Scope, setting.Key));
        return new SettingView(
            setting.Scope, setting.Key, stored?.Value ?? setting.DefaultJson, setting.ValueType, stored is null, setting.DefaultJson, setting.Allowed, setting.Description, stored?.By, stored?.At);
    }

    /// <summary>Changes one setting. Null resets it to the default.</summary>
    /// <returns>What is wrong with the value, or null when it was stored.</returns>
    public async Task<string?> SetAsync(
        Setting setting, long community, JsonElement? value, string by, CancellationToken ct)
    {
        JsonElement? wanted = null;
        if (value is { ValueKind: not JsonValueKind.Null } given)
        {
            (wanted, var error) = setting.Coerce(given);
            if (error is not null)
            {
                return error;
            }
        }

        await _db.TransactionAsync(t => ApplyAsync(t, setting, community, wanted, by, "updated", ct), ct);
        _stored.Forget(community);
        return null;
    }

    /// <summary>Puts back the value before one change, as a change of its own.</summary>
    /// <returns>What prevents it, or null when it was done.</returns>
    public async Task<string?> RollBackAsync(SettingChange change, string by, CancellationToken ct)
    {
        if (Find(change.Scope, change.Key) is not { } setting)
        {
            return $"The setting {change.Scope}.{change.Key} does not exist any more.";
        }

        JsonElement? wanted = null;
        if (change.OldValue is { } old)
        {
            (wanted, var error) = setting.Coerce(old);
            if (error is not null)
            {
                return $"The old value is no longer allowed: it {error}";
            }
        }

        await _db.TransactionAsync(t => ApplyAsync(t, setting, change.GuildId, wanted, by, "rollback", ct), ct);
        _stored.Forget(change.GuildId);
        return null;
    }

    public Task<IReadOnlyList<SettingChange>> HistoryAsync(
        long community, string? scope, string? key, PageQuery page, CancellationToken ct) => _db.Read.ListAsync(
        $"""
        select id, guild_id, scope, key, old_value::text, new_value::text, value_type, changed_by, changed_at,
            change_type
        from kernel.settings_history
        where guild_id = {community} and ({scope}::text is null or scope = {scope}) and ({key}::text is null
            or key = {key})
          and ({page.AfterId}::bigint is null or id < {page.AfterId})
        order by id desc limit {page.Limit + 1}
        """,
        ReadChange,
        ct);

    public Task<SettingChange?> FindChangeAsync(long id, CancellationToken ct) => _db.Read.FindAsync(
        $"""
        select id, guild_id, scope, key, old_value::text, new_value::text, value_type, changed_by, changed_at,
            change_type
        from kernel.settings_history where id = {id}
        """,
        ReadChange,
        ct);

    private async Task ApplyAsync(
        Transaction transaction,
        Setting setting,
        long community,
        JsonElement? wanted,
        string by,
        string changeType,
        CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        await transaction.ExecuteAsync(
            $"select pg_advisory_xact_lock(hashtextextended({$"setting:{community}:{setting.Scope}:{setting.Key}"}, 0))", ct);
        var old = await transaction.FindAsync(
            $"select value::text from kernel.bot_settings where guild_id = {community} and scope = {setting.Scope} and key = {setting.Key}",
            r => r.GetString(0),
            ct);
        if (wanted is { } value)
        {
            await transaction.ExecuteAsync(
                $"""
                insert into kernel.bot_settings (guild_id, scope, key, value, value_type, updated_by, updated_at)
                values ({community}, {setting.Scope}, {setting.Key}, {value.GetRawText()}::jsonb, {setting.ValueType},
                    {by}, {now})
                on conflict (guild_id, scope, key) do update
                set value = excluded.value, value_type = excluded.value_type, updated_by = excluded.updated_by,
                    updated_at = excluded.updated_at
                """,
                ct);
        }
        else if (old is null)
        {
            return;
        }
        else
        {
            await transaction.ExecuteAsync(
                $"delete from kernel.bot_settings where guild_id = {community} and scope = {setting.Scope} and key = {setting.Key}", ct);
        }

        var type = changeType == "rollback"
            ? changeType
            : wanted is null
            ? "deleted"
            : old is null
            ? "created"
            : "updated";
        var next = wanted?.GetRawText() ?? "null";
        await transaction.ExecuteAsync(
            $"""
            insert into kernel.settings_history (guild_id, scope, key, old_value, new_value, value_type, changed_by,
                changed_at, change_type)
            values ({community}, {setting.Scope}, {setting.Key}, {old}::jsonb, {next}::jsonb, {setting.ValueType},
                {by}, {now}, {type})
            """,
            ct);
        await _audit.WriteAsync(
            transaction,
            community,
            by,
            $"setting.{type}",
            new JsonObject { ["scope"] = setting.Scope, ["setting"] = setting.Key, ["old"] = old is null ? null : JsonNode.Parse(old), ["new"] = JsonNode.Parse(next) },
            ct);
    }

    private async Task<FrozenDictionary<(string, string), Stored>> LoadAsync(long community)
    {
        var rows = await _db.Write.ListAsync(
            $"select scope, key, value::text, updated_by, updated_at from kernel.bot_settings where guild_id = {community}",
            r =>
                KeyValuePair.Create(
                    (r.GetString(0), r.GetString(1)),
                    new Stored(JsonElement.Parse(r.GetString(2)), r.GetString(3), r.GetFieldValue<DateTimeOffset>(4))),
            CancellationToken.None);
        return rows.ToFrozenDictionary();
    }

    private static SettingChange ReadChange(Npgsql.NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetInt64(1),
        r.GetString(2),
        r.GetString(3),
        r.IsDBNull(4) ? null : JsonElement.Parse(r.GetString(4)),
        JsonElement.Parse(r.GetString(5)),
        r.GetString(6),
        r.GetString(7),
        r.GetFieldValue<DateTimeOffset>(8),
        r.GetString(9));

    private sealed record Stored(JsonElement Value, string By, DateTimeOffset At);
}
