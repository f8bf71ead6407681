using System.Numerics;
using System.Runtime.InteropServices;

namespace Rookery.Platforms.Discord.Interactions.Signatures;

/// <summary>A point of the curve edwards25519 in extended homogeneous coordinates.</summary>
/// <remarks>Source: RFC 8032, section 5.1.</remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CurvePoint(FieldElement X, FieldElement Y, FieldElement Z, FieldElement T)
{
    public const int Length = 32;
    private static readonly BigInteger P = FieldElement.Prime;
    private static readonly BigInteger D = Mod(-121665 * BigInteger.ModPow(121666, P - 2, P));
    private static readonly BigInteger SquareRootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly FieldElement TwoD = FieldElement.Of(Mod(2 * D));

    public static CurvePoint Zero { get; } = new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    public static CurvePoint Base { get; } = Decode([0x58, .. Enumerable.Repeat((byte)0x66, Length - 1)])!.Value;

    public CurvePoint Negative => new(FieldElement.Zero - X, Y, Z, FieldElement.Zero - T);

    /// <returns>Null when the bytes name no point.</returns>
    public static CurvePoint? Decode(ReadOnlySpan<byte> bytes)
    {
        var y = new BigInteger(bytes, isUnsigned: true);
        var isOdd = bytes[Length - 1] >= 0x80;
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
        return new CurvePoint(FieldElement.Of(x), FieldElement.Of(y), FieldElement.One, FieldElement.Of(Mod(x * y)));
    }

    public byte[] Encode()
    {
        var inverse = Z.Inverse();
        var (x, y) = ((X * inverse).ToNumber(), (Y * inverse).ToNumber());
        var bytes = new byte[Length];
        y.TryWriteBytes(bytes, out _, isUnsigned: true);
        bytes[Length - 1] |= x.IsEven ? (byte)0 : (byte)0x80;
        return bytes;
    }

    public static CurvePoint operator +(CurvePoint p, CurvePoint q) => p + q.ToAddend();

    public static CurvePoint operator +(CurvePoint p, Addend q)
    {
        var a = (p.Y - p.X) * q.Difference;
        var b = (p.Y + p.X) * q.Sum;
        var c = p.T * q.TwoDT;
        var d = p.Z * q.TwoZ;
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new(e * f, g * h, f * g, e * h);
    }

    public Addend ToAddend() => new(Y - X, Y + X, T * TwoD, Z + Z);

    private static BigInteger Mod(BigInteger n)
    {
        var rest = BigInteger.Remainder(n, P);
        return rest.Sign < 0 ? rest + P : rest;
    }
}

/// <summary>A point that is added to many others: what adding takes of it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Addend(FieldElement Difference, FieldElement Sum, FieldElement TwoDT, FieldElement TwoZ);
