using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Security;

/// <param name="State">What the platform is to bring back.</param>
/// <param name="Challenge">For platforms that ask for a proof key. Source: RFC 7636, S256.</param>
public sealed record BegunLogin(string State, string Challenge);

/// <param name="Purpose">Null: it is not good, and <paramref name="Problem"/> says why.</param>
/// <param name="Verifier">What the challenge was made of: it lay in the browser's cookie, and sealed in the state.</param>
public sealed record FinishedLogin(string? Purpose, string? Problem, string Verifier);

/// <summary>
/// What a login at a platform (OAuth's <c>state</c>) is told to bring back: sealed, so only we can have made it; bound to
/// the browser that began; good for ten minutes and once, on whichever node the browser comes back to. Nothing is stored
/// until it does.
/// </summary>
public sealed class LoginStates(SecretBox box, Inbox inbox, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>Begins a login and lets the browser keep what it will be known by.</summary>
    /// <param name="purpose">A word without blanks, given back by <see cref="FinishAsync"/>.</param>
    /// <param name="back">Where the platform sends the browser afterwards.</param>
    public BegunLogin Begin(HttpContext http, Platform platform, string purpose, Uri back)
    {
        var (state, browser) = Make(platform, purpose);
        http.Response.Cookies.Append(CookieOf(platform), browser, new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = Life,
            Path = back.AbsolutePath,
            SameSite = SameSiteMode.Lax,
            Secure = back.Scheme == Uri.UriSchemeHttps,
        });
        return new BegunLogin(state, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(browser))));
    }

    /// <summary>Uses a state up.</summary>
    public async Task<FinishedLogin> FinishAsync(
        HttpContext http, Platform platform, string? state, CancellationToken ct)
    {
        var browser = http.Request.Cookies[CookieOf(platform)];
        var (purpose, problem) = await UseAsync(platform, state, browser, ct);
        if (purpose is not null)
        {
            http.Response.Cookies.Delete(CookieOf(platform), new CookieOptions { Path = http.Request.Path });
        }

        return new FinishedLogin(purpose, problem, browser ?? "");
    }

    internal (string State, string Browser) Make(Platform platform, string purpose)
    {
        var browser = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var ends = (clock.GetUtcNow() + Life).ToUnixTimeSeconds();
        return (box.SealText(PlaceOf(platform), string.Create(CultureInfo.InvariantCulture, $"{purpose} {ends} {browser}")), browser);
    }

    internal async Task<(string? Purpose, string? Problem)> UseAsync(Platform platform, string? state, string? browser, CancellationToken ct)
    {
        if (Open(platform, state) is not [var purpose, var ends, var nonce])
        {
            return (null, "was not begun here");
        }

        if (browser is null || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(browser), Encoding.UTF8.GetBytes(nonce)))
        {
            return (null, "was begun in another browser");
        }

        var now = clock.GetUtcNow();
        if (long.Parse(ends, CultureInfo.InvariantCulture) <= now.ToUnixTimeSeconds())
        {
            return (null, "took longer than ten minutes");
        }

        var claim = await inbox.ClaimAsync(new InboxClaim(platform, $"login:{nonce}", Ids.New(now), now)).WaitAsync(ct);
        return claim.IsFirst ? (purpose, null) : (null, "was finished before");
    }

    private static string CookieOf(Platform platform) => $"rookery_{platform.Name()}_login";

    private static SecretPlace PlaceOf(Platform platform) => new("kernel.login", platform.Name(), "state");

    private string[]? Open(Platform platform, string? state)
    {
        try
        {
            return state is { Length: > 0 and < 1000 } ? box.OpenText(PlaceOf(platform), state).Split(' ') : null;
        }
        catch (Exception e) when (e is FormatException or CryptographicException or InvalidOperationException)
        {
            return null;
        }
    }
}
