using System.Security.Cryptography;

namespace Rookery.Kernel.Security;

/// <summary>A sealed secret as the text of a column: <c>keyid:base64</c>.</summary>
public static class SealedText
{
    public static string SealText(this SecretBox box, SecretPlace place, string secret)
    {
        var (keyId, sealedSecret) = box.Seal(place, secret);
        return $"{keyId}:{Convert.ToBase64String(sealedSecret)}";
    }

    /// <exception cref="CryptographicException">The text was altered or belongs elsewhere.</exception>
    /// <exception cref="InvalidOperationException">The ring lacks the key.</exception>
    public static string OpenText(this SecretBox box, SecretPlace place, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var sealedSecret = new byte[text.Length];
        return colon > 0 && Convert.TryFromBase64Chars(text.AsSpan(colon + 1), sealedSecret, out var length)
            ? box.Open(place, text[..colon], sealedSecret[..length])
            : throw new CryptographicException($"{place.Owner}.{place.Field} of {place.RowKey} holds no sealed text.");
    }
}
