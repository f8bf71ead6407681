using System.Globalization;
using System.Security.Cryptography;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Twitch.Auth;

/// <summary>
/// What a login is told to bring back: sealed, so only we can have made it; bound to the browser that began; good for ten
/// minutes and once, on whichever node the browser comes back to.
/// </summary>
internal sealed class LoginStates(SecretBox box, Inbox inbox, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private static readonly SecretPlace Place = new("twitch.login", "state", "state");

    /// <param name="purpose">bot or channel.</param>
    /// <returns>The state, and what the browser keeps to be known again.</returns>
    public (string State, string Browser) Make(string purpose)
    {
        var browser = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var ends = (clock.GetUtcNow() + Life).ToUnixTimeSeconds();
        return (box.SealText(Place, string.Create(CultureInfo.InvariantCulture, $"{purpose} {ends} {browser}")), browser);
    }

    /// <returns>The purpose; null when the state is forged, too old, another browser's or was used.</returns>
    public async Task<string?> UseAsync(string? state, string? browser, CancellationToken ct)
    {
        if (Open(state) is not [var purpose, var ends, var nonce]
            || long.Parse(ends, CultureInfo.InvariantCulture) < clock.GetUtcNow().ToUnixTimeSeconds()
            || browser is null
            || !CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(browser), System.Text.Encoding.UTF8.GetBytes(nonce)))
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var claim = await inbox.ClaimAsync(new InboxClaim(Platform.Twitch, $"login:{nonce}", Ids.New(now), now)).WaitAsync(ct);
        return claim.IsFirst ? purpose : null;
    }

    private string[]? Open(string? state)
    {
        try
        {
            return state is { Length: > 0 and < 1000 } ? box.OpenText(Place, state).Split(' ') : null;
        }
        catch (Exception e) when (e is FormatException or CryptographicException or InvalidOperationException)
        {
            return null;
        }
    }
}
