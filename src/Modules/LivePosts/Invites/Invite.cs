using System.Text.Json.Serialization;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Modules.LivePosts.Invites;

/// <summary>A row of <c>invite_links</c>.</summary>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="MaxUses">0: as often as it is used.</param>
/// <param name="Url">Of the page that takes it; null while the server has no public address.</param>
internal sealed record Invite(
    Guid Id, string GuildId, string Code, string CreatedBy, DateTimeOffset? ExpiresAt, int MaxUses, int UseCount, DateTimeOffset CreatedAt, string? Url = null)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        "i.id, i.guild_id, i.code, i.created_by, i.expires_at, i.max_uses, i.use_count, i.created_at");

    public static Invite Read(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.GetString(1),
        r.GetString(2),
        r.GetString(3),
        r.IsDBNull(4) ? null : r.GetFieldValue<DateTimeOffset>(4),
        r.GetInt32(5),
        r.GetInt32(6),
        r.GetFieldValue<DateTimeOffset>(7));

    public bool IsOver(DateTimeOffset now) => ExpiresAt <= now || (MaxUses > 0 && UseCount >= MaxUses);
}

/// <param name="ExpiresInHours">1 to 8760; left out or 0: never.</param>
/// <param name="MaxUses">1 to 10000; left out or 0: as often as it is used.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record InviteRequest(int? ExpiresInHours = null, int? MaxUses = null);

/// <summary>What somebody who has a code is told before they take it.</summary>
internal sealed record InviteCard(string GuildId, string Name, string? Icon, DateTimeOffset? ExpiresAt);

/// <param name="Streamer">The login of the channel that is followed now.</param>
internal sealed record Accepted(string GuildId, string GuildName, Guid StreamerId, string Streamer);
