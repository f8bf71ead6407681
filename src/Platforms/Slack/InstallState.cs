using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Slack;

/// <summary>
/// The state of an installation under way: signed, good for ten minutes and for one use, and for the browser that began.
/// Nothing is stored until it comes back.
/// </summary>
internal sealed class InstallState(Database db, IOptions<SlackOptions> options, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public string Make()
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
        var ends = (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{nonce}.{ends}.{Sign(nonce, ends)}";
    }

    /// <summary>Uses a state up.</summary>
    /// <param name="ofBrowser">What the browser kept since <see cref="Make"/>.</param>
    /// <returns>Null when it is good; else why not.</returns>
    public async Task<string?> RefuseAsync(string? state, string? ofBrowser, CancellationToken ct)
    {
        if (state?.Split('.') is not [var nonce, var ends, var signature]
            || !FixedEquals(signature, Sign(nonce, ends))
            || !long.TryParse(ends, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return "This installation was not begun here; begin at /platforms/slack/install.";
        }

        if (ofBrowser is null || !FixedEquals(state, ofBrowser))
        {
            return "This installation was begun in another browser; begin at /platforms/slack/install.";
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (expires <= clock.GetUtcNow())
        {
            return "This installation took longer than ten minutes; begin again at /platforms/slack/install.";
        }

        var isFirst = await db.Write.ExecuteAsync(
            $"insert into slack.used_states (state, expires_at) values ({nonce}, {expires}) on conflict do nothing", ct) == 1;
        return isFirst ? null : "This installation was finished before; begin again at /platforms/slack/install.";
    }

    private string Sign(string nonce, string ends) => Base64Url.EncodeToString(HMACSHA256.HashData(
        Encoding.UTF8.GetBytes(options.Value.ClientSecret), Encoding.UTF8.GetBytes($"rookery slack install\n{nonce}\n{ends}")));

    private static bool FixedEquals(string a, string b) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));
}
