using System.Numerics;
using System.Security.Cryptography;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>
/// Verifies Ed25519 signatures, which .NET cannot. Only what is public goes in, so its time tells nobody anything.
/// </summary>
/// <remarks>Source: RFC 8032, section 5.1.</remarks>
internal static class Ed25519
{
    public const int KeyLength = 32;
    public const int SignatureLength = 64;

    private static readonly BigInteger P = (BigInteger.One << 255) - 19;
    private static readonly BigInteger Order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
    private static readonly BigInteger D = Mod(-121665 * BigInteger.ModPow(121666, P - 2, P));
    private static readonly BigInteger SquareRootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly Point Zero = new(0, 1, 1, 0);
    private static readonly Point Base = Decode([0x58, .. Enumerable.Repeat((byte)0x66, 31)])!.Value;

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyLength || signature.Length != SignatureLength || Decode(publicKey) is not { } key)
        {
            return false;
        }

        var s = new BigInteger(signature[32..], isUnsigned: true);
        if (s >= Order)
        {
            return false;
        }

        byte[] hashed = [.. signature[..32], .. publicKey, .. message];
        var k = new BigInteger(SHA512.HashData(hashed), isUnsigned: true) % Order;

        // R = sB - kA
        return CryptographicOperations.FixedTimeEquals(Encode(Combine(s, Base, k, key.Negative)), signature[..32]);
    }

    /// <summary>aP + bQ, both multiplications at once.</summary>
    private static Point Combine(BigInteger a, Point p, BigInteger b, Point q)
    {
        var both = p + q;
        var sum = Zero;
        for (var i = 252; i >= 0; i--)
        {
            sum += sum;
            var (inA, inB) = (!((a >> i) & 1).IsZero, !((b >> i) & 1).IsZero);
            sum = (inA, inB) switch
            {
                (true, true) => sum + both,
                (true, false) => sum + p,
                (false, true) => sum + q,
                _ => sum,
            };
        }

        return sum;
    }

    private static Point? Decode(ReadOnlySpan<byte> bytes)
    {
        var y = new BigInteger(bytes, isUnsigned: true);
        var isOdd = bytes[31] >= 0x80;
        y -= isOdd ? BigInteger.One << 255 : 0;
        if (y >= P)
        {
            return null;
        }

        var (u, v) = (Mod((y * y) - 1), Mod((D * y * y) + 1));
        var v3 = Mod(v * v * v);
        var x = Mod(u * v3 * BigInteger.ModPow(Mod(u * v3 * v3 * v), (P - 5) / 8, P));
        var check = Mod(v * x * x);
        if (check == Mod(-u))
        {
            x = Mod(x * SquareRootOfMinusOne);
        }
        else if (check != u)
        {
            return null;
        }

        if (x.IsZero && isOdd)
        {
            return null;
        }

        x = x.IsEven == isOdd ? P - x : x;
        return new Point(x, y, 1, Mod(x * y));
    }

    private static byte[] Encode(Point point)
    {
        var inverse = BigInteger.ModPow(point.Z, P - 2, P);
        var (x, y) = (Mod(point.X * inverse), Mod(point.Y * inverse));
        var bytes = new byte[KeyLength];
        y.TryWriteBytes(bytes, out _, isUnsigned: true);
        bytes[31] |= x.IsEven ? (byte)0 : (byte)0x80;
        return bytes;
    }

    private static BigInteger Mod(BigInteger n)
    {
        var rest = BigInteger.Remainder(n, P);
        return rest.Sign < 0 ? rest + P : rest;
    }

    /// <summary>In extended homogeneous coordinates.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T)
    {
        public Point Negative => new(Mod(-X), Y, Z, Mod(-T));

        public static Point operator +(Point p, Point q)
        {
            var a = Mod((p.Y - p.X) * (q.Y - q.X));
            var b = Mod((p.Y + p.X) * (q.Y + q.X));
            var c = Mod(2 * p.T * q.T * D);
            var d = Mod(2 * p.Z * q.Z);
            var (e, f, g, h) = (b - a, d - c, d + c, b + a);
            return new(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
        }
    }
}
