using System.Text.Json;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Modules.Moderation.Rules;

/// <summary>A row of <c>stringmatch</c>, with the matches that are not folded in yet.</summary>
internal sealed record RuleView(
    long Id,
    long? CommunityId,
    string String,
    string MatchType,
    bool CaseSensitive,
    bool Normalize,
    List<string> EnabledEntityIds,
    string Action,
    string? CommandToExecute,
    List<JsonElement> CommandParameters,
    string? WebhookUrl,
    string? WarningMessage,
    string? BlockMessage,
    int Priority,
    bool IsActive,
    long MatchCount,
    DateTimeOffset? LastMatched,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    /// <summary>Of <c>stringmatch r</c> and its summed deltas <c>d</c>.</summary>
    public static SqlFragment Columns { get; } = Sql.Fragment(
        """
        r.id, r.community_id, r.string, r.match_type, r.case_sensitive, r.normalize, r.enabled_entity_ids::text, r.action,
        r.command_to_execute, r.command_parameters::text, r.webhook_url, r.warning_message, r.block_message, r.priority, r.is_active,
        r.match_count + coalesce(d.matches, 0), greatest(r.last_matched, d.last_matched), r.created_by, r.created_at, r.updated_at
        """);

    public static SqlFragment From { get; } = Sql.Fragment(
        """
        moderation.stringmatch r left join (
            select rule_id, sum(matches)::bigint as matches, max(last_matched) as last_matched
            from moderation.match_deltas group by 1) d on d.rule_id = r.id
        """);

    /// <summary>What matching needs of it.</summary>
    /// <exception cref="UriFormatException">The webhook's address is none.</exception>
    public Rule ToRule() => new(
        Id,
        String,
        Enum.Parse<MatchKind>(MatchType, ignoreCase: true),
        CaseSensitive,
        Normalize,
        Priority,
        Enum.Parse<RuleAction>(Action, ignoreCase: true),
        EnabledEntityIds,
        Verdicts.Of(this));

    public static RuleView Read(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.IsDBNull(1) ? null : r.GetInt64(1),
        r.GetString(2),
        r.GetString(3),
        r.GetBoolean(4),
        r.GetBoolean(5),
        JsonSerializer.Deserialize(r.GetString(6), ModerationJson.Default.ListString)!,
        r.GetString(7),
        Text(r, 8),
        JsonSerializer.Deserialize(r.GetString(9), ModerationJson.Default.ListJsonElement)!,
        Text(r, 10),
        Text(r, 11),
        Text(r, 12),
        r.GetInt32(13),
        r.GetBoolean(14),
        r.GetInt64(15),
        r.IsDBNull(16) ? null : r.GetFieldValue<DateTimeOffset>(16),
        r.GetString(17),
        r.GetFieldValue<DateTimeOffset>(18),
        r.GetFieldValue<DateTimeOffset>(19));

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);
}
