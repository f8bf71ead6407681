namespace Rookery.Kernel.Web;

public static class RouteText
{
    /// <summary>
    /// A text that stood percent-encoded in a path. ASP.NET decodes all but <c>%2F</c>, because a slash would look like
    /// the next segment.
    /// </summary>
    public static string Decode(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
