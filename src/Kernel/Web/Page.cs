using System.Buffers.Text;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Rookery.Kernel.Web;

/// <summary>One page of a listing. <paramref name="NextCursor"/> is null on the last one.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

public static class Page
{
    /// <summary>Makes a page of rows that were read one beyond the limit.</summary>
    public static Page<T> Of<T>(IReadOnlyList<T> rows, int limit, Func<T, object> position) => rows.Count > limit
        ? new Page<T>([.. rows.Take(limit)], Encode(position(rows[limit - 1])))
        : new Page<T>(rows, null);

    private static string Encode(object position) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{position}")));
}

/// <summary><c>?limit</c> (1–200, 50 unless told) and <c>?cursor</c> (from the page before).</summary>
public sealed record PageQuery(int Limit, string? After) : IEndpointParameterMetadataProvider
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    /// <summary>
    /// Bound by ASP.NET from the query; what cannot be read falls back, and the page says so by its size.
    /// </summary>
    public static ValueTask<PageQuery> BindAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = int.TryParse(query["limit"], System.Globalization.CultureInfo.InvariantCulture, out var n)
            ? Math.Clamp(n, 1, MaxLimit)
            : DefaultLimit;
        return new(new PageQuery(limit, Decode(query["cursor"])));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Metadata.Add(new QueryParameter("limit", "integer", "Rows of one page, 1 to 200; 50 unless told."));
        builder.Metadata.Add(new QueryParameter("cursor", "string", "The next_cursor of the page before."));
    }

    /// <summary>The cursor as a number; null when there is none.</summary>
    public long? AfterId =>
        long.TryParse(After, System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : null;

    private static string? Decode(string? cursor)
    {
        try
        {
            return string.IsNullOrEmpty(cursor) ? null : Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
