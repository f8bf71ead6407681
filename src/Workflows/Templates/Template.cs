using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Templates;

/// <summary>A template as its row says.</summary>
/// <param name="CommunityId">Null: it came with this build.</param>
/// <param name="TemplateWorkflow">A whole definition; null in lists.</param>
internal sealed record Template(
    Guid TemplateId, long? CommunityId, string Name, string? Description, string? Category, JsonElement? TemplateWorkflow, string? PreviewImageUrl,
    long DownloadCount, decimal? Rating, IReadOnlyList<string> Tags, bool IsPublic, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        t.template_id, t.community_id, t.name, t.description, t.category, t.preview_image_url, t.download_count, t.rating, t.tags, t.is_public,
        t.created_by, t.created_at, t.updated_at
        """);

    /// <summary>Reads <see cref="Columns"/>, and behind them the definition if it was asked for.</summary>
    public static Template Read(NpgsqlDataReader r) => new(
        r.GetGuid(0),
        r.IsDBNull(1) ? null : r.GetInt64(1),
        r.GetString(2),
        Text(r, 3),
        Text(r, 4),
        r.FieldCount > 13 ? JsonElement.Parse(r.GetString(13)) : null,
        Text(r, 5),
        r.GetInt64(6),
        r.IsDBNull(7) ? null : r.GetDecimal(7),
        r.GetFieldValue<string[]>(8),
        r.GetBoolean(9),
        r.GetString(10),
        r.GetFieldValue<DateTimeOffset>(11),
        r.GetFieldValue<DateTimeOffset>(12));

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);
}

/// <summary>A file beside this one.</summary>
/// <param name="TemplateId">Stays the same whatever else changes.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ShippedTemplate(
    Guid TemplateId, string Name, string Description, string Category, IReadOnlyList<string> Tags, JsonElement Workflow);
