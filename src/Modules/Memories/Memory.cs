using System.Text.Json;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Modules.Memories;

/// <summary>Something a community keeps; fields as in the seed table <c>memories</c>.</summary>
/// <param name="MemoryType">quote, url or note.</param>
/// <param name="Platform">
/// Where <paramref name="CreatedBy"/> is an account; null with it once that person was erased.
/// </param>
/// <param name="Reactions">How many members gave each reaction.</param>
internal sealed record Memory(
    long Id,
    long CommunityId,
    string? EntityId,
    string MemoryType,
    string Title,
    string? Content,
    string? Url,
    string? Author,
    string? Context,
    IReadOnlyList<string> Tags,
    long? CategoryId,
    string? Category,
    string? Platform,
    string? CreatedBy,
    string? CreatedByName,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    long UsageCount,
    DateTimeOffset? LastUsed,
    IReadOnlyDictionary<string, long> Reactions)
{
    /// <summary>The columns of a row that the statement calls m.</summary>
    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        m.id, m.community_id, m.entity_id, m.memory_type, m.title, m.content, m.url, m.author, m.context, m.tags::text,
        m.category_id, (select c.name from memories.memory_categories c where c.id = m.category_id),
        m.platform, m.created_by, m.created_by_name, m.created_at, m.updated_at, m.usage_count, m.last_used,
        (select coalesce(jsonb_object_agg(r.reaction_type, r.n), '{}')::text
         from (select reaction_type, count(*) n from memories.memory_reactions where memory_id = m.id group by 1) r)
        """);

    public static Memory Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetInt64(1),
        Text(r, 2),
        r.GetString(3),
        r.GetString(4),
        Text(r, 5),
        Text(r, 6),
        Text(r, 7),
        Text(r, 8),
        JsonSerializer.Deserialize(r.GetString(9), MemoriesJson.Default.StringArray)!,
        r.IsDBNull(10) ? null : r.GetInt64(10),
        Text(r, 11),
        Text(r, 12),
        Text(r, 13),
        Text(r, 14),
        r.GetFieldValue<DateTimeOffset>(15),
        r.GetFieldValue<DateTimeOffset>(16),
        r.GetInt64(17),
        r.IsDBNull(18) ? null : r.GetFieldValue<DateTimeOffset>(18),
        JsonSerializer.Deserialize(r.GetString(19), MemoriesJson.Default.DictionaryStringInt64)!);

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);
}

internal static class MemoryTypes
{
    public const string Quote = "quote";
    public const string Url = "url";
    public const string Note = "note";

    public const string Names = "quote, url or note";

    public static bool Known(string? type) => type is Quote or Url or Note;
}
