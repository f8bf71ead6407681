namespace Rookery.Workflows.Webhooks;

internal sealed class WebhookOptions
{
    /// <summary>
    /// How this server is reached from outside, such as <c>https://bot.example.org</c>; the addresses of webhooks begin with
    /// it. Null: as whoever makes a webhook reached it.
    /// </summary>
    public Uri? PublicUrl { get; init; }
}
