namespace Rookery.Platforms.Discord.Interactions.Signatures;

/// <summary>
/// The multiples of a point by every digit of a number to the base sixteen, so that a product is a sum of 64 of them and
/// nothing is doubled.
/// </summary>
internal sealed class Multiples
{
    private const int Digits = 64;
    private const int Base = 16;

    private readonly Addend[] _of = new Addend[Digits * Base];

    public Multiples(CurvePoint point)
    {
        for (var digit = 0; digit < Digits; digit++)
        {
            var sum = CurvePoint.Zero;
            for (var times = 0; times < Base; times++, sum += point)
            {
                _of[(digit * Base) + times] = sum.ToAddend();
            }

            point = sum;
        }
    }

    /// <summary>Adds the product of the point and a number.</summary>
    /// <param name="number">Lowest byte first.</param>
    public CurvePoint AddTo(CurvePoint sum, ReadOnlySpan<byte> number)
    {
        for (var i = 0; i < number.Length; i++)
        {
            var (low, high) = (number[i] & 15, number[i] >> 4);
            sum = low == 0 ? sum : sum + _of[(2 * i * Base) + low];
            sum = high == 0 ? sum : sum + _of[(((2 * i) + 1) * Base) + high];
        }

        return sum;
    }
}
