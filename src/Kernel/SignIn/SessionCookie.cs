using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rookery.Kernel.SignIn;

/// <summary>
/// The cookie <c>rookery_session</c>: 32 random bytes. Over TLS it is called <c>__Host-rookery_session</c>, which
/// browsers take from this host alone, for all of it, and only with <c>Secure</c>.
/// </summary>
internal sealed class SessionCookie(SignInAddress address)
{
    private const string Plain = "rookery_session";
    private const int TokenBytes = 32;

    private string Name => address.IsSecure ? $"__Host-{Plain}" : Plain;

    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));

    public string? Of(HttpContext http) => http.Request.Cookies[Name];

    public void Set(HttpContext http, string token, TimeSpan life) => http.Response.Cookies.Append(Name, token, Options(life));

    public void Remove(HttpContext http) => http.Response.Cookies.Delete(Name, Options(null));

    /// <summary>
    /// What a page must bring with every change: it follows from the cookie, which scripts cannot read, so only who is
    /// told it by us has it.
    /// </summary>
    public static string CsrfOf(string token) => Base64Url.EncodeToString(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "rookery csrf"u8));

    private CookieOptions Options(TimeSpan? life) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = life,
        Path = "/",
        SameSite = SameSiteMode.Lax,
        Secure = address.IsSecure,
    };
}
