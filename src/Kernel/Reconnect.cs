namespace Rookery.Kernel;

public static class Reconnect
{
    private const double FirstCapSeconds = 1;
    private const double LastCapSeconds = 60;

    /// <summary>
    /// How long to wait before trying again what failed: a dropped gateway, an action in the outbox, a timer.
    /// </summary>
    /// <param name="attempt">Failures in a row so far, from 0.</param>
    /// <param name="uniform">A draw from [0, 1).</param>
    /// <returns>
    /// A delay in [0, min(60, 2^<paramref name="attempt"/>)) seconds: "full jitter", which keeps clients that
    /// dropped together from returning together.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    /// <remarks>Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.</remarks>
    public static TimeSpan Delay(int attempt, double uniform)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        ArgumentOutOfRangeException.ThrowIfNegative(uniform);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(uniform, 1);

        var cap = Math.Min(LastCapSeconds, FirstCapSeconds * Math.Pow(2, attempt));
        return TimeSpan.FromSeconds(uniform * cap);
    }
}
