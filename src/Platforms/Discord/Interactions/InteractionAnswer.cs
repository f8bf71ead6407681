using System.Text.Json;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>What an interaction is answered with: messages, or a form.</summary>
/// <param name="Problem">Why it cannot be shown on Discord; then there is nothing else.</param>
internal sealed record InteractionAnswer(IReadOnlyList<MessageRequest> Parts, ModalData? Modal = null, string? Problem = null)
{
    public static InteractionAnswer Of(InteractionHandle handle, SendMessage message, string key)
    {
        var response = message.Response;
        if (response is { ResponseAction: "form", ResponseData: { ValueKind: JsonValueKind.Object } form })
        {
            // A form's name comes back with what was filled in: the module's own, or one with the execution's id.
            var id = $"{response.ModuleName}:form:{key.Split(':').ElementAtOrDefault(1)}";
            var (modal, why) = FormModal.Of(form, id);
            return handle.Type == InteractionTypes.Modal ? Told("A form cannot be answered with another form on Discord.")
                : modal is null ? Told(why!)
                : new([], modal);
        }

        // It stands under what was used, so it need not say whom it is for; a mention would still ring.
        var (parts, problem) = DiscordMessage.Of(message with { MentionUserId = null });
        return new([.. parts.Select(p => response.IsForCaller ? p with { Flags = DiscordMessage.Ephemeral } : p)], null, problem);
    }

    private static InteractionAnswer Told(string text) => new([DiscordMessage.Private(text)]);
}
