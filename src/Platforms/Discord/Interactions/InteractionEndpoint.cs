using System.Globalization;
using System.Text;
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
/// <remarks>Source: Discord developer documentation, Setting up an endpoint, Validating security request headers.</remarks>
internal static class InteractionEndpoint
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public static void Map(RouteGroupBuilder root) => root
        .MapPost("/platforms/discord/interactions", AcceptAsync)
        .NeedsNoKey().WithTags("discord").WithSummary("Discord calls this for slash commands, buttons, selections and forms.");

    /// <returns>Null when the call is Discord's and of now; else why not.</returns>
    public static string? Refuse(string publicKey, string timestamp, string signature, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - (decimal)seconds) > (decimal)Window.TotalSeconds)
        {
            return "X-Signature-Timestamp is missing or more than five minutes off; if Discord sent this, set this machine's clock.";
        }

        var signed = new byte[Ed25519.SignatureLength];
        byte[] message = [.. Encoding.ASCII.GetBytes(timestamp), .. body];
        return signature.Length == 2 * Ed25519.SignatureLength
            && Convert.FromHexString(signature, signed, out _, out _) == System.Buffers.OperationStatus.Done
            && Ed25519.Verify(Convert.FromHexString(publicKey), message, signed)
                ? null
                : "X-Signature-Ed25519 does not fit; if Discord sent this, copy Platforms:Discord:PublicKey anew.";
    }

    private static async Task AcceptAsync(HttpContext http)
    {
        var services = http.RequestServices;
        if (services.GetRequiredService<IOptions<DiscordOptions>>().Value.PublicKey is not { Length: > 0 } key)
        {
            await Problems.NotFound("Discord's interactions are off here: Platforms:Discord:PublicKey is not set.").ExecuteAsync(http);
            return;
        }

        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        var body = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        var timestamp = http.Request.Headers["X-Signature-Timestamp"].ToString();
        var signature = http.Request.Headers["X-Signature-Ed25519"].ToString();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        if (Refuse(key, timestamp, signature, body.Span, now) is { } why)
        {
            DiscordMetrics.Refused();
            await TypedResults.Problem(why, statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(http);
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
