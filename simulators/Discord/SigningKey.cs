using System.Numerics;
using System.Security.Cryptography;

namespace Rookery.Simulators.Discord;

/// <summary>An Ed25519 key to sign calls with. Slow and not for secrets. Source: RFC 8032, section 5.1.</summary>
public sealed class SigningKey
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger L = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly (BigInteger X, BigInteger Y) B = (
        BigInteger.Parse("15112221349535400772501151409588531511454012693041857206046113283949847762202", null),
        Mod(4 * Inverse(5)));

    private readonly BigInteger _scalar;
    private readonly byte[] _prefix;
    private readonly byte[] _public;

    /// <param name="seed">32 bytes.</param>
    public SigningKey(byte[] seed)
    {
        var hash = SHA512.HashData(seed);
        hash[0] &= 248;
        hash[31] = (byte)((hash[31] & 127) | 64);
        _scalar = Number(hash.AsSpan(0, 32));
        _prefix = hash[32..];
        _public = Encode(Multiply(_scalar));
    }

    public string PublicKey => Convert.ToHexStringLower(_public);

    public string Sign(byte[] message)
    {
        var r = Number(SHA512.HashData([.. _prefix, .. message])) % L;
        var point = Encode(Multiply(r));
        var s = (r + (Number(SHA512.HashData([.. point, .. _public, .. message])) * _scalar)) % L;
        var end = new byte[32];
        s.TryWriteBytes(end, out _, isUnsigned: true);
        return Convert.ToHexStringLower([.. point, .. end]);
    }

    /// <summary>Doubles and adds from the highest bit, in projective coordinates.</summary>
    private static (BigInteger X, BigInteger Y) Multiply(BigInteger by)
    {
        var sum = (X: BigInteger.Zero, Y: BigInteger.One, Z: BigInteger.One);
        for (var bit = 255; bit >= 0; bit--)
        {
            sum = Add(sum, sum);
            sum = ((by >> bit) & 1).IsZero ? sum : Add(sum, (B.X, B.Y, 1));
        }

        var inverse = Inverse(sum.Z);
        return (Mod(sum.X * inverse), Mod(sum.Y * inverse));
    }

    private static (BigInteger X, BigInteger Y, BigInteger Z) Add(
        (BigInteger X, BigInteger Y, BigInteger Z) p, (BigInteger X, BigInteger Y, BigInteger Z) q)
    {
        var a = Mod(p.Z * q.Z);
        var b = Mod(a * a);
        var (c, d) = (Mod(p.X * q.X), Mod(p.Y * q.Y));
        var e = Mod(D * c * d);
        var (f, g) = (b - e, b + e);
        return (Mod(a * f * (((p.X + p.Y) * (q.X + q.Y)) - c - d)), Mod(a * g * (d + c)), Mod(f * g));
    }

    private static byte[] Encode((BigInteger X, BigInteger Y) point)
    {
        var bytes = new byte[32];
        point.Y.TryWriteBytes(bytes, out _, isUnsigned: true);
        bytes[31] |= point.X.IsEven ? (byte)0 : (byte)128;
        return bytes;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    private static BigInteger Inverse(BigInteger n) => BigInteger.ModPow(n, P - 2, P);

    private static BigInteger Mod(BigInteger n) => ((n % P) + P) % P;
}
