using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>
/// Keeps the subscriptions that call our webhook what they should be. With sockets as transport none should: those left from
/// before are deleted. The node that holds the claim on it does this for all channels.
/// </summary>
internal sealed partial class ReconcileWebhooks(
    Subscriptions subscriptions, PublicAddress address, IOptions<TwitchOptions> options, ILogger<ReconcileWebhooks> log)
{
    private static readonly HashSet<string> None = [];

    private bool _saidNoAddress;

    public async Task RunAsync(CancellationToken ct)
    {
        var o = options.Value;
        if (!o.IsOn)
        {
            return;
        }

        var byWebhook = o.Transport == EventTransport.Webhook;
        if (address.Of(WebhookEndpoint.Path) is not { } callback)
        {
            if (byWebhook && !_saidNoAddress)
            {
                _saidNoAddress = true;
                NoAddress();
            }

            return;
        }

        var transport = new TransportInfo("webhook", callback.AbsoluteUri, Secret: o.WebhookSecret);
        await subscriptions.ReconcileAsync(
            new Destination(null, transport, None), byWebhook ? await subscriptions.WantedAsync(null, ct) : [], ct);
    }

    [LoggerMessage(LogLevel.Warning, "Twitch cannot call: set PublicBaseUrl to the https address under which this server is reached.")]
    private partial void NoAddress();
}
