using System.Globalization;
using Rookery.Kernel.Data;
using Rookery.Kernel.Settings;

namespace Rookery.Kernel.Privacy;

/// <summary>
/// Each community says how long its acts are kept; those of no community are kept as long as the setting's default.
/// </summary>
internal sealed class AuditRetention(Database db, SettingsStore settings, TimeProvider clock) : IRetention
{
    public string Name => "kernel.audit_log";

    public async Task<int> SweepAsync(CancellationToken ct)
    {
        var communities = await db.Write.ListAsync(
            $"select distinct guild_id from kernel.audit_log", r => r.GetString(0), ct);
        var deleted = 0;
        foreach (var guild in communities)
        {
            var days = long.TryParse(guild, CultureInfo.InvariantCulture, out var community)
                ? await settings.GetAsync(SystemSettings.AuditRetentionDays, community, ct)
                : SystemSettings.AuditRetentionDays.Default;
            var before = clock.GetUtcNow().AddDays(-days);
            deleted += await AgedTables.InBatchesAsync(() => db.Write.ExecuteAsync(
                $"""
                delete from kernel.audit_log where id = any(array(
                    select id from kernel.audit_log where guild_id = {guild} and created_at < {before}
                        limit {AgedTables.AtOnce}))
                """,
                ct));
        }

        return deleted;
    }
}
