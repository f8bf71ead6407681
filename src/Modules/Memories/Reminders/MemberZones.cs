using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Settings;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>In which zone a member's times are meant: the member's own, else the community's.</summary>
internal sealed class MemberZones(Database db, SettingsStore settings, TimeProvider clock)
{
    /// <summary>Finds a zone by its IANA name; case does not matter.</summary>
    public static DateTimeZone? Find(string name)
    {
        var zones = DateTimeZoneProviders.Tzdb;
        return zones.GetZoneOrNull(name)
            ?? (zones.Ids.FirstOrDefault(id => string.Equals(id, name, StringComparison.OrdinalIgnoreCase)) is { } id ? zones[id] : null);
    }

    public async Task<DateTimeZone> OfAsync(long community, Platform platform, string user, CancellationToken ct)
    {
        var own = await db.Write.ListAsync(
            $"select zone from memories.member_zones where community_id = {community} and platform = {platform.Name()} and user_id = {user}",
            r => r.GetString(0),
            ct);
        var name = own is [var zone] ? zone : await settings.GetAsync(SystemSettings.TimeZone, community, ct);
        return Find(name) ?? DateTimeZone.Utc;
    }

    public Task SetAsync(
        long community, Platform platform, string user, DateTimeZone zone, CancellationToken ct) => db.Write.ExecuteAsync(
        $"""
        insert into memories.member_zones (community_id, platform, user_id, zone, updated_at)
        values ({community}, {platform.Name()}, {user}, {zone.Id}, {clock.GetUtcNow()})
        on conflict (community_id, platform, user_id) do update set zone = excluded.zone,
            updated_at = excluded.updated_at
        """,
        ct);

    /// <summary>Back to the community's zone.</summary>
    public Task ResetAsync(
        long community, Platform platform, string user, CancellationToken ct) => db.Write.ExecuteAsync(
        $"delete from memories.member_zones where community_id = {community} and platform = {platform.Name()} and user_id = {user}", ct);
}
