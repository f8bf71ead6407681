using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Delivery;

/// <summary>
/// Delivers webhooks from the outbox. A target knows a repeat by its <c>Idempotency-Key</c>, which is the outbox key.
/// </summary>
internal sealed class WebhookSender(GuardedHttp http, IOptions<GuardedHttpOptions> options) : ISender
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    public string Name => "webhook";

    public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
    {
        if (action is not CallWebhook call)
        {
            return Sent.Failed($"A webhook cannot carry out {action.GetType().Name}.");
        }

        var headers = new Dictionary<string, string>(call.Headers, StringComparer.OrdinalIgnoreCase)
        {
            ["Idempotency-Key"] = key.Key,
        };
        var request =
            new GuardedRequest(HttpMethod.Post, call.Url, options.Value.WebhookTimeout) { Body = call.Body, Headers = headers };
        var answer = await http.SendAsync(request, ct);
        return answer switch
        {
            // How long the answer is does not matter: nobody reads it.
            { Status: >= 200 and < 300 } => new Sent(null),
            { Status: 429 or >= 500 } => Sent.TryAgain($"The target answered {answer.Status}.", Wait(answer)),
            { Failure: HttpFailure.Connect or HttpFailure.Timeout or HttpFailure.Protocol } =>
                Sent.TryAgain(answer.Error!, TimeSpan.Zero),
            _ => Sent.Failed(answer.Error ?? $"The target answered {answer.Status}."),
        };
    }

    private static TimeSpan Wait(GuardedResponse answer) =>
        answer.RetryAfter is not { } asked ? TimeSpan.Zero : asked < LongestWait ? asked : LongestWait;
}
