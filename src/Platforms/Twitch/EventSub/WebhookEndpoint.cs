using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>Where Twitch calls. What is proven is stored and then acknowledged; what it causes comes later.</summary>
internal static class WebhookEndpoint
{
    public const string Path = "/platforms/twitch/eventsub";

    private const string Type = "Twitch-Eventsub-Message-Type";

    public static void Map(RouteGroupBuilder group) => group.MapPost(Path, TakeAsync).NeedsNoKey()
        .WithTags("twitch").WithSummary("Takes Twitch's notifications; proven by their signature.")
        .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);

    private static async Task<IResult> TakeAsync(
        HttpContext http, EventIntake intake, IOptions<TwitchOptions> options, TimeProvider clock, CancellationToken ct)
    {
        if (!options.Value.TakesWebhooks)
        {
            return Problems.NotFound(
                "Twitch's webhooks are off: Platforms:Twitch:WebhookSecret and the credentials are not all set.");
        }

        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, ct);
        var body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        if (Signature.Check(http.Request.Headers, body.Span, options.Value.WebhookSecret!, clock.GetUtcNow()) is { } wrong)
        {
            return Problems.Forbidden(wrong);
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return await ActAsync(http.Request.Headers, document.RootElement, intake, ct);
        }
        catch (JsonException)
        {
            return Problems.Invalid("$", "is no message of EventSub.");
        }
    }

    private static async Task<IResult> ActAsync(
        IHeaderDictionary headers, JsonElement body, EventIntake intake, CancellationToken ct)
    {
        var message = body.Deserialize(TwitchJson.Default.Notification) ?? throw new JsonException("The body is null.");
        switch (headers[Type].ToString())
        {
            case "webhook_callback_verification" when message.Challenge is { } challenge:
                await intake.VerifyAsync(message.Subscription, ct);
                return TypedResults.Text(challenge, "text/plain");
            case "revocation":
                await intake.RevokeAsync(message.Subscription, ct);
                return TypedResults.NoContent();
            case "notification":
                await intake.AcceptAsync(headers[Signature.MessageId].ToString(), Signature.TimeOf(headers), body, overSocket: false, ct);
                return TypedResults.NoContent();
            default:
                // A kind that came after this was written.
                return TypedResults.NoContent();
        }
    }
}
