using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Slack;

/// <summary>
/// What Slack calls. Proven before it is read, stored before it is answered; what it causes comes afterwards.
/// </summary>
internal static class SlackWebhooks
{
    private delegate JsonElement? Reader(string body);

    public static void Map(RouteGroupBuilder root)
    {
        var slack = root.MapGroup("/platforms/slack").NeedsNoKey().WithTags("slack");
        slack.MapPost("/events", http => AcceptAsync(http, ReadJson)).WithSummary("Slack's Events API calls this.");
        slack.MapPost("/commands", http => AcceptAsync(http, ReadCommand)).WithSummary("Slack calls this for slash commands.");
        slack.MapPost("/interactivity", http => AcceptAsync(http, ReadPayload))
            .WithSummary("Slack calls this for buttons, selections, forms and shortcuts.");
    }

    private static async Task AcceptAsync(HttpContext http, Reader read)
    {
        var services = http.RequestServices;
        var options = services.GetRequiredService<IOptions<SlackOptions>>();
        if (!options.Value.IsWebhookOn)
        {
            await Problems.NotFound("Slack's webhooks are off here: Platforms:Slack:SigningSecret is not set.").ExecuteAsync(http);
            return;
        }

        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        var body = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        var timestamp = http.Request.Headers["X-Slack-Request-Timestamp"].ToString();
        var signature = http.Request.Headers["X-Slack-Signature"].ToString();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        if (SlackSignature.Refuse(options.Value.SigningSecret, timestamp, signature, body.Span, now) is { } why)
        {
            await TypedResults.Problem(why, statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(http);
            return;
        }

        if (read(Encoding.UTF8.GetString(body.Span)) is not { } payload)
        {
            SlackMetrics.Event("malformed");
            await Problems.Invalid("$", "is not what Slack sends to this address.").ExecuteAsync(http);
            return;
        }

        await AnswerAsync(http, payload, services.GetRequiredService<SlackIntake>());
    }

    private static async Task AnswerAsync(HttpContext http, JsonElement payload, SlackIntake intake)
    {
        switch (payload.Text("type"))
        {
            case "url_verification":
                await TypedResults.Text(payload.Text("challenge") ?? "").ExecuteAsync(http);
                return;
            case "app_rate_limited":
                // Slack holds back events of a workspace that has more than 30 000 an hour; there is nothing to store.
                SlackMetrics.Event("rate_limited");
                break;
            default:
                await intake.AcceptAsync(payload);
                break;
        }

        // Empty: any text would be shown to who typed the command, and a form closes.
        http.Response.StatusCode = StatusCodes.Status200OK;
    }

    private static JsonElement? ReadJson(string body)
    {
        try
        {
            return JsonElement.Parse(body) is { ValueKind: JsonValueKind.Object } json ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? ReadPayload(string body) =>
        QueryHelpers.ParseQuery(body).TryGetValue("payload", out var payload) ? ReadJson(payload.ToString()) : null;

    private static JsonElement? ReadCommand(string body)
    {
        var fields = new JsonObject();
        foreach (var (name, value) in QueryHelpers.ParseQuery(body))
        {
            fields[name] = value.ToString();
        }

        return fields.ContainsKey("command") ? JsonElement.Parse(fields.ToJsonString()) : null;
    }
}
