using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>What every <see cref="IPersonalData"/> needs.</summary>
public static class Person
{
    /// <summary>Stands where a person stood whose row others need.</summary>
    public const string Erased = "erased";

    /// <summary><c>platform:user</c>, as owners and acting members are written.</summary>
    public static string Key(Platform platform, string userId) => $"{platform.Name()}:{userId}";

    /// <summary>A pattern of PostgreSQL for the key as a whole text or as one item of a list.</summary>
    public static string Pattern(Platform platform, string userId) => Between(Key(platform, userId));

    /// <summary>The same for a JSON document seen as text.</summary>
    public static string JsonPattern(Platform platform, string userId) =>
        Between(JsonEncodedText.Encode(Key(platform, userId), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value);

    private static string Between(string key)
    {
        var literal = string.Concat(key.Select(c => char.IsLetterOrDigit(c) ? $"{c}" : $@"\{c}"));
        return $"""(?<![^,;\s"]){literal}(?![^,;\s"])""";
    }

    /// <summary>The rows a statement returns as JSON texts in their first column.</summary>
    public static async Task<JsonArray> RowsAsync(Session session, Sql sql, CancellationToken ct) =>
        [.. await session.ListAsync(sql, r => JsonNode.Parse(r.GetString(0)), ct)];
}
