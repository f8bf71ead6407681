using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Router.Remote;

/// <summary>
/// Leaves targets alone that fail one call after another: after so many failures in a row calls are refused for a
/// while, then one call tries, and its outcome decides.
/// </summary>
internal sealed class CircuitBreakers(IOptions<RemoteOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Circuit> _circuits = new(StringComparer.Ordinal);

    /// <param name="target">What fails together: a scheme, host and port, or a function.</param>
    /// <returns>Null when the circuit is open and the call was not made.</returns>
    public async Task<GuardedResponse?> RunAsync(string target, Func<Task<GuardedResponse>> call)
    {
        var circuit = _circuits.GetOrAdd(target, _ => new Circuit());
        if (!circuit.TryEnter(clock.GetUtcNow()))
        {
            return null;
        }

        GuardedResponse? answer = null;
        try
        {
            return answer = await call();
        }
        finally
        {
            circuit.Leave(IsAlive(answer), clock.GetUtcNow(), options.Value);
        }
    }

    /// <returns>
    /// Null when the call says nothing about the target: the guard refused it, or the caller gave up.
    /// </returns>
    private static bool? IsAlive(GuardedResponse? answer) => answer switch
    {
        null or { Failure: HttpFailure.Refused } => null,
        { Failure: HttpFailure.Connect or HttpFailure.Timeout or HttpFailure.Protocol } or { Status: >= 500 } => false,
        _ => true,
    };

    private sealed class Circuit
    {
        private readonly Lock _gate = new();
        private int _failures;
        private DateTimeOffset? _openUntil;
        private bool _probing;

        public bool TryEnter(DateTimeOffset now)
        {
            lock (_gate)
            {
                if (_openUntil is not { } end)
                {
                    return true;
                }

                return now >= end && !_probing && (_probing = true);
            }
        }

        public void Leave(bool? alive, DateTimeOffset now, RemoteOptions options)
        {
            lock (_gate)
            {
                if (alive == true)
                {
                    (_failures, _openUntil) = (0, null);
                }
                else if (alive == false && (++_failures >= options.BreakerFailures || _probing))
                {
                    _openUntil = now + options.BreakerOpenFor;
                }

                _probing = false;
            }
        }
    }
}
