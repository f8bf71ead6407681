using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Auditing;

/// <summary>One administrative act; fields as in the seed table <c>audit_log</c>.</summary>
public sealed record AuditEntry(
    long Id, string GuildId, string UserId, string Action, JsonElement? Details, DateTimeOffset CreatedAt);

/// <summary>
/// Who changed what. Written in the transaction of the change, so there is never one without the other.
/// </summary>
public sealed class AuditLog(Database db, TimeProvider clock)
{
    private const int MaxText = 512;
    private const int MaxItems = 50;
    private const int MaxDepth = 6;
    private static readonly string[] SecretNames =
        ["password", "secret", "token", "key", "authorization", "credential"];

    /// <param name="community">0 where no community is concerned.</param>
    /// <param name="actor"><c>platform:user</c> or <c>key:name</c>.</param>
    /// <param name="action">For example <c>command.created</c>.</param>
    /// <param name="details">Secrets in it are blotted out, long texts and lists cut.</param>
    public Task WriteAsync(
        Session session, long community, string actor, string action, JsonNode? details, CancellationToken ct)
    {
        var json = details is null ? null : Clean(details, 0)?.ToJsonString(Json);
        return session.ExecuteAsync(
            $"""
            insert into kernel.audit_log (guild_id, user_id, action, details, created_at)
            values ({community.ToString(System.Globalization.CultureInfo.InvariantCulture)}, {actor}, {action},
                {json}::jsonb, {clock.GetUtcNow()})
            """,
            ct);
    }

    /// <param name="community">Null: all.</param>
    /// <param name="action">Part of the action's name; case does not matter.</param>
    public Task<IReadOnlyList<AuditEntry>> ListAsync(
        long? community, string? action, string? user, PageQuery page, CancellationToken ct)
    {
        var guild = community?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return db.Read.ListAsync(
            $"""
            select id, guild_id, user_id, action, details::text, created_at from kernel.audit_log
            where ({guild}::text is null or guild_id = {guild}) and ({user}::text is null or user_id = {user})
              and ({action}::text is null or strpos(lower(action), lower({action})) > 0)
              and ({page.AfterId}::bigint is null or id < {page.AfterId})
            order by id desc limit {page.Limit + 1}
            """,
            r => new AuditEntry(
                r.GetInt64(0),
                r.GetString(1),
                r.GetString(2),
                r.GetString(3),
                r.IsDBNull(4) ? null : JsonElement.Parse(r.GetString(4)),
                r.GetFieldValue<DateTimeOffset>(5)),
            ct);
    }

    private static readonly JsonSerializerOptions Json =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonNode? Clean(JsonNode? node, int depth) => node switch
    {
        null => null,
        _ when depth >= MaxDepth => "…",
        JsonObject o =>
            new JsonObject(
                o.Select(p => KeyValuePair.Create(p.Key, IsSecret(p.Key) ? "[redacted]" : Clean(p.Value, depth + 1)))),
        JsonArray a => new JsonArray([.. a.Take(MaxItems).Select(i => Clean(i, depth + 1))]),
        JsonValue v when v.TryGetValue<string>(out var text) => Fit(text),
        _ => node.DeepClone(),
    };

    /// <summary>
    /// An act must not fail because its note cannot be stored, so what the database refuses becomes U+FFFD.
    /// </summary>
    private static string Fit(string text)
    {
        var cut = text.Length > MaxText ? $"{text.AsSpan(0, MaxText)}…" : text;
        return Checks.Storable(cut)
            ? cut
            : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)).Replace('\0', '\uFFFD');
    }

    private static bool IsSecret(string name) =>
        SecretNames.Any(s => name.EndsWith(s, StringComparison.OrdinalIgnoreCase));
}
