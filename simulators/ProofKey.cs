using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Rookery.Simulators;

/// <summary>Proof keys of the authorization code grant. Source: RFC 7636, S256.</summary>
internal static class ProofKey
{
    /// <param name="challenge">What the login began with; null: it had none.</param>
    public static bool Fits(string? challenge, string? verifier) => challenge is null
        || (verifier is { Length: >= 43 and <= 128 } && Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) == challenge);
}
