using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>
/// What Discord calls when it is told to bring interactions over HTTP. Proven before it is read and stored before it is
/// taken; the answer is brought as it is for those of the gateway.
/// </summary>
internal static class InteractionEndpoint
{
    public static void Map(RouteGroupBuilder root) => root
        .MapPost("/platforms/discord/interactions", AcceptAsync)
        .NeedsNoKey().WithTags("discord").WithSummary("Discord calls this for slash commands, buttons, selections and forms.");

    private static async Task AcceptAsync(HttpContext http)
    {
        var services = http.RequestServices;
        if (services.GetRequiredService<IOptions<DiscordOptions>>().Value.PublicKey is not { Length: > 0 })
        {
            await Problems.NotFound("Discord's interactions are off here: Platforms:Discord:PublicKey is not set.").ExecuteAsync(http);
            return;
        }

        var guard = services.GetRequiredService<CallGuard>();
        if (guard.Glance(http.Request) is { } strange)
        {
            await RefuseAsync(http, strange);
            return;
        }

        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        var body = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        if (await guard.ProveAsync(http.Request, body, http.RequestAborted) is { } forged)
        {
            await RefuseAsync(http, forged);
            return;
        }

        try
        {
            await AnswerAsync(http, body, services.GetRequiredService<InteractionIntake>());
        }
        catch (JsonException)
        {
            await Problems.Invalid("$", "is not what Discord sends to this address.").ExecuteAsync(http);
        }
    }

    private static Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        DiscordMetrics.Refused(refusal.Status);
        if (refusal.Status != StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.RetryAfter = refusal.Status == StatusCodes.Status429TooManyRequests ? "60" : "1";
        }

        return TypedResults.Problem(refusal.Why, statusCode: refusal.Status).ExecuteAsync(http);
    }

    private static async Task AnswerAsync(HttpContext http, ReadOnlyMemory<byte> body, InteractionIntake interactions)
    {
        if (JsonElement.Parse(body.Span) is { ValueKind: JsonValueKind.Object } json
            && json.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.Number
            && type.GetInt32() == InteractionTypes.Ping)
        {
            await TypedResults.Json(new Pong(1), DiscordJson.Default.Pong).ExecuteAsync(http);
            return;
        }

        var taken = interactions.Read(body.Span);
        if (taken.Event.Type == InteractionTypes.Autocomplete)
        {
            await TypedResults.Json(interactions.Suggest(taken.Event), DiscordJson.Default.ChoicesCallback).ExecuteAsync(http);
            return;
        }

        await interactions.StoreAsync(taken);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
