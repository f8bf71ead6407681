namespace Rookery.Kernel.SignIn;

/// <summary>A path of this server that a caller names: where to go after a sign-in.</summary>
public static class LocalPath
{
    public const int Max = 300;
    private const string Origin = "http://local";

    /// <summary>
    /// The path in its plain form. Browsers take a backslash for a slash and leave out tabs and line ends, so none may
    /// stand in it; to be safe from <c>//host</c>, append it to an origin instead of sending it alone.
    /// </summary>
    /// <returns>Null when it is no path of this server, or too long.</returns>
    public static string? Of(string? text)
    {
        if (text is not ['/', ..] || text.Length > Max || text.Any(c => c is '\\' or <= ' ' or >= '\x7f')
            || !Uri.TryCreate(Origin + text, UriKind.Absolute, out var whole) || !whole.AbsoluteUri.StartsWith($"{Origin}/", StringComparison.Ordinal))
        {
            return null;
        }

        var path = whole.AbsoluteUri[Origin.Length..];
        return path.Length <= Max && path is not ['/', '/', ..] ? path : null;
    }
}
