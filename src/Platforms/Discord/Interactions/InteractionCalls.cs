using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>The calls by which an interaction is answered. Source: Discord developer documentation, Receiving and responding.</summary>
internal sealed class InteractionCalls(DiscordRest rest, SecretBox box)
{
    /// <summary>The first answer, which Discord takes for three seconds.</summary>
    public Task<GuardedResponse> AnswerAsync<T>(
        InteractionHandle to, T callback, JsonTypeInfo<T> json, CancellationToken ct) => rest.CallAsync(
        Call.Of(
            HttpMethod.Post, "interactions/{interaction}/callback", to.Id,
            $"interactions/{Uri.EscapeDataString(to.Id)}/{Token(to)}/callback", callback, json) with
        { IsExempt = true },
        ct);

    /// <summary>Changes the first answer, or fills it in where it was put off. Again is the same.</summary>
    public Task<GuardedResponse> EditAsync(InteractionHandle to, MessageRequest message, CancellationToken ct) => rest.CallAsync(
        Webhook(HttpMethod.Patch, to, "/messages/@original") with
        {
            Body = JsonSerializer.Serialize(message with { Flags = null }, DiscordJson.Default.MessageRequest),
        },
        ct);

    /// <summary>Shows what stands as the first answer.</summary>
    public Task<GuardedResponse> LookAsync(InteractionHandle to, CancellationToken ct) =>
        rest.CallAsync(Webhook(HttpMethod.Get, to, "/messages/@original"), ct);

    public Task<GuardedResponse> DeleteAsync(InteractionHandle to, CancellationToken ct) =>
        rest.CallAsync(Webhook(HttpMethod.Delete, to, "/messages/@original"), ct);

    public Task<GuardedResponse> FollowUpAsync(InteractionHandle to, MessageRequest message, CancellationToken ct) => rest.CallAsync(
        Webhook(HttpMethod.Post, to, "") with { Body = JsonSerializer.Serialize(message, DiscordJson.Default.MessageRequest) },
        ct);

    private Call Webhook(HttpMethod method, InteractionHandle to, string rest) => new(
        method, $"webhooks/{{application}}/{{token}}{rest}", to.Id,
        $"webhooks/{Uri.EscapeDataString(to.ApplicationId)}/{Token(to)}{rest}")
    { IsExempt = true };

    /// <exception cref="System.Security.Cryptography.CryptographicException">It was sealed elsewhere.</exception>
    private string Token(InteractionHandle to) =>
        Uri.EscapeDataString(box.OpenText(InteractionIntake.PlaceOf(to.Id), to.SealedToken));
}
