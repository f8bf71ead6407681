using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Discord;

/// <summary>Calls that go wrong: the next ones on demand, and a share of all at random.</summary>
internal sealed class RestFailures
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Random _random = new(20_261_128);
    private int _failing;
    private int _status;
    private string _text = "";
    private bool _acts;

    public double Rate { get; set; }

    public void Next(int calls, int status, bool acts, string text)
    {
        lock (_gate)
        {
            (_failing, _status, _acts, _text) = (calls, status, acts, text);
        }
    }

    /// <param name="acts">The call does its work all the same.</param>
    public IResult? OnDemand(bool acts, string body)
    {
        lock (_gate)
        {
            if (_failing == 0 || _acts != acts || !body.Contains(_text, StringComparison.Ordinal))
            {
                return null;
            }

            _failing--;
            return Failure(_status, "on demand");
        }
    }

    /// <summary>Asked once before the work is done and, where it was not to fail then, once after.</summary>
    public IResult? AtRandom(bool acts, HttpContext http)
    {
        if (Rate <= 0)
        {
            return null;
        }

        var half = Rate / 2;
        double draw;
        int which;
        lock (_gate)
        {
            (draw, which) = (_random.NextDouble(), _random.Next(acts ? 2 : 3));
        }

        // Of all calls one half of the share fails before; of those that are left, so many that it is the other half of it.
        return draw >= (acts ? half / (1 - half) : half) ? null
            : which == 2 ? RestLimits.Refusal(http, "shared", Soon)
            : Failure(which == 0 ? 500 : 503, "at random");
    }

    private static IResult Failure(int status, string why) =>
        Results.Json(new JsonObject { ["code"] = 0, ["message"] = why }, statusCode: status);
}
