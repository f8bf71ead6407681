using System.Numerics;
using System.Security.Cryptography;

namespace Rookery.Platforms.Discord.Interactions.Signatures;

/// <summary>
/// Verifies Ed25519 signatures, which .NET cannot. Only what is public goes in, so its time tells nobody anything. What a
/// key has in common for all its signatures is computed once.
/// </summary>
/// <remarks>Source: RFC 8032, section 5.1.</remarks>
internal sealed class Ed25519Key
{
    public const int SignatureLength = 64;
    private static readonly BigInteger Order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
    private static readonly Multiples OfBase = new(CurvePoint.Base);

    private readonly byte[] _key;
    private readonly Multiples _ofNegative;

    private Ed25519Key(byte[] key, CurvePoint point) => (_key, _ofNegative) = (key, new Multiples(point.Negative));

    /// <returns>Null when it is no public key.</returns>
    public static Ed25519Key? Read(ReadOnlySpan<byte> key) =>
        key.Length == CurvePoint.Length && CurvePoint.Decode(key) is { } point ? new Ed25519Key(key.ToArray(), point) : null;

    public bool Verifies(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureLength || new BigInteger(signature[32..], isUnsigned: true) >= Order)
        {
            return false;
        }

        byte[] hashed = [.. signature[..32], .. _key, .. message];
        var k = new byte[32];
        (new BigInteger(SHA512.HashData(hashed), isUnsigned: true) % Order).TryWriteBytes(k, out _, isUnsigned: true);

        // R = sB - kA
        var r = _ofNegative.AddTo(OfBase.AddTo(CurvePoint.Zero, signature[32..]), k);
        return CryptographicOperations.FixedTimeEquals(r.Encode(), signature[..32]);
    }
}
