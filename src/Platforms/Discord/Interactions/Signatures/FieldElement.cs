using System.Numerics;
using System.Runtime.InteropServices;

namespace Rookery.Platforms.Discord.Interactions.Signatures;

/// <summary>
/// A number modulo 2^255 - 19, as five limbs of 51 bits that are carried only after a product: sums and differences of
/// products may go into the next product as they are.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct FieldElement
{
    private const int Bits = 51;
    private const ulong Mask = (1UL << Bits) - 1;

    private readonly ulong _a, _b, _c, _d, _e;

    private FieldElement(ulong a, ulong b, ulong c, ulong d, ulong e) => (_a, _b, _c, _d, _e) = (a, b, c, d, e);

    public static BigInteger Prime { get; } = (BigInteger.One << 255) - 19;

    public static FieldElement One { get; } = Of(BigInteger.One);

    public static FieldElement Zero { get; } = Of(BigInteger.Zero);

    /// <param name="n">From 0, less than the prime.</param>
    public static FieldElement Of(BigInteger n) => new(Limb(n, 0), Limb(n, 1), Limb(n, 2), Limb(n, 3), Limb(n, 4));

    public BigInteger ToNumber() =>
        ((BigInteger)_a + ((BigInteger)_b << Bits) + ((BigInteger)_c << (2 * Bits)) + ((BigInteger)_d << (3 * Bits))
            + ((BigInteger)_e << (4 * Bits))) % Prime;

    /// <summary>1/x by Fermat, for what is not zero.</summary>
    public FieldElement Inverse()
    {
        var exponent = Prime - 2;
        var result = One;
        for (var i = 254; i >= 0; i--)
        {
            result *= result;
            result = ((exponent >> i) & 1).IsZero ? result : result * this;
        }

        return result;
    }

    public static FieldElement operator +(FieldElement x, FieldElement y) =>
        new(x._a + y._a, x._b + y._b, x._c + y._c, x._d + y._d, x._e + y._e);

    /// <summary>Twice the prime is added first, so that no limb falls below zero.</summary>
    public static FieldElement operator -(FieldElement x, FieldElement y)
    {
        const ulong Low = (1UL << (Bits + 1)) - 38, Rest = (1UL << (Bits + 1)) - 2;
        return new(x._a + Low - y._a, x._b + Rest - y._b, x._c + Rest - y._c, x._d + Rest - y._d, x._e + Rest - y._e);
    }

    public static FieldElement operator *(FieldElement x, FieldElement y)
    {
        // 2^255 is 19: what goes over the top comes back at the bottom, nineteenfold.
        var (b, c, d, e) = (19 * y._b, 19 * y._c, 19 * y._d, 19 * y._e);
        var r0 = Math.BigMul(x._a, y._a) + Math.BigMul(x._b, e) + Math.BigMul(x._c, d) + Math.BigMul(x._d, c) + Math.BigMul(x._e, b);
        var r1 = Math.BigMul(x._a, y._b) + Math.BigMul(x._b, y._a) + Math.BigMul(x._c, e) + Math.BigMul(x._d, d) + Math.BigMul(x._e, c);
        var r2 = Math.BigMul(x._a, y._c) + Math.BigMul(x._b, y._b) + Math.BigMul(x._c, y._a) + Math.BigMul(x._d, e) + Math.BigMul(x._e, d);
        var r3 = Math.BigMul(x._a, y._d) + Math.BigMul(x._b, y._c) + Math.BigMul(x._c, y._b) + Math.BigMul(x._d, y._a) + Math.BigMul(x._e, e);
        var r4 = Math.BigMul(x._a, y._e) + Math.BigMul(x._b, y._d) + Math.BigMul(x._c, y._c) + Math.BigMul(x._d, y._b) + Math.BigMul(x._e, y._a);
        r1 += (ulong)(r0 >> Bits);
        r2 += (ulong)(r1 >> Bits);
        r3 += (ulong)(r2 >> Bits);
        r4 += (ulong)(r3 >> Bits);
        var low = ((ulong)r0 & Mask) + (19 * (ulong)(r4 >> Bits));
        return new(low & Mask, ((ulong)r1 & Mask) + (low >> Bits), (ulong)r2 & Mask, (ulong)r3 & Mask, (ulong)r4 & Mask);
    }

    private static ulong Limb(BigInteger n, int number) => (ulong)((n >> (number * Bits)) & Mask);
}
