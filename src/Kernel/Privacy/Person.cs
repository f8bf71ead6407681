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

    /// <summary>The rows a statement returns as JSON texts in their first column.</summary>
    public static async Task<JsonArray> RowsAsync(Session session, Sql sql, CancellationToken ct) =>
        [.. await session.ListAsync(sql, r => JsonNode.Parse(r.GetString(0)), ct)];
}
