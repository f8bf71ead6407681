using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.SignIn;

/// <summary>
/// Under which address browsers sign in: <c>PublicBaseUrl</c>, over TLS or on this machine, for a cookie that crosses a
/// network in the clear is anybody's.
/// </summary>
internal sealed class SignInAddress(PublicAddress address)
{
    /// <returns>Null: there is a good one.</returns>
    public string? OffBecause => Base switch
    {
        null => "PublicBaseUrl is not set",
        { Scheme: "http", IsLoopback: false } => "PublicBaseUrl does not begin with https://",
        _ => null,
    };

    public bool IsSecure => Base is { Scheme: "https" };

    /// <summary>As browsers write it into the header <c>Origin</c>; null: there is none.</summary>
    public string? Origin => Base?.GetLeftPart(UriPartial.Authority);

    private Uri? Base => address.Of("");

    /// <summary>Where a platform sends the browser back.</summary>
    public Uri? Callback(Platform platform) => OffBecause is null ? address.Of($"/auth/{platform.Name()}/callback") : null;
}
