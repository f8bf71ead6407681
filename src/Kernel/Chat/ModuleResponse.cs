using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rookery.Kernel.Chat;

/// <summary>
/// One answer of one module as it is stored and as callers read it; fields as in the seed table
/// <c>module_responses</c>.
/// </summary>
/// <param name="ResponseAction">chat, media, ticker, general or form.</param>
/// <param name="TickerDuration">Seconds.</param>
/// <param name="IsPrivate">True: see <see cref="IsForCaller"/>. Left out: everybody may see it.</param>
public sealed record ModuleResponse(
    string ModuleName,
    bool Success,
    string ResponseAction,
    string? ChatMessage = null,
    string? MediaType = null,
    string? MediaUrl = null,
    string? TickerText = null,
    int? TickerDuration = null,
    JsonElement? ResponseData = null,
    string? ErrorMessage = null,
    bool? IsPrivate = null)
{
    /// <summary>Nobody but the caller is to see it, where the platform can do that. Refusals are for the caller too.</summary>
    [JsonIgnore]
    public bool IsForCaller => !Success || IsPrivate == true;

    /// <summary>The answers in a reply, flattened; a refusal is a chat answer with <c>success = false</c>.</summary>
    public static ModuleResponse[] Of(string module, Reply reply) => reply switch
    {
        Reply.Silent => [],
        Reply.Said said => [new(module, true, "chat", ChatMessage: said.Body, ResponseData: said.Content?.ToJson(), IsPrivate: said.IsPrivate ? true : null)],
        Reply.Refused refused => [new(module, false, "chat", ChatMessage: refused.Reason)],
        Reply.Media media =>
            [new(module, true, "media", MediaType: media.MediaType, MediaUrl: media.Url, ResponseData: media.Data)],
        Reply.Ticker ticker =>
            [new(module, true, "ticker", TickerText: ticker.Body, TickerDuration: ticker.DurationSeconds, ResponseData: ticker.Data)],
        Reply.General general => [new(module, true, "general", ResponseData: general.Data)],
        Reply.Form form => [new(module, true, "form", ResponseData: form.Data)],
        Reply.Several several => [.. several.Replies.SelectMany(r => Of(module, r))],
        _ => throw new InvalidOperationException($"{reply.GetType().Name} has no wire form."),
    };
}
