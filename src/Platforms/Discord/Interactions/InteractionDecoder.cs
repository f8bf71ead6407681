using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>Slash commands, buttons, selections and forms.</summary>
internal sealed class InteractionDecoder(ICommandList commands, Guilds guilds)
{
    private const int Button = 2;

    public InboundEvent? Decode(InteractionEvent e) => e switch
    {
        { Type: InteractionTypes.Command, Data.Name: { } name } =>
            Event(e, MessageTypes.SlashCommand) is { } typed ? typed with { Text = Line(name, e.Data) } : null,
        { Type: InteractionTypes.Component, Data.CustomId: { } id } =>
            Used(e, e.Data.ComponentType == Button ? "button_click" : "select_menu", id, e.Data.Values ?? []),
        { Type: InteractionTypes.Modal, Data.CustomId: { } id } =>
            Used(e, "modal_submit", id, [.. (e.Data.Components ?? []).SelectMany(Fields)]),
        _ => null,
    };

    /// <summary>The name without a prefix is that of an internal command first, as it was registered.</summary>
    public ListedCommand? Find(string name) =>
        commands.Typed.Where(c => c.Name == name).MinBy(c => c.Prefix == '!' ? 0 : 1);

    private string Line(string name, InteractionData data)
    {
        var words = (data.Options ?? []).Select(o => o.Value?.ToString()).Where(v => !string.IsNullOrWhiteSpace(v));
        return $"{Find(name)?.Prefix ?? '!'}{name} {string.Join(' ', words)}".TrimEnd();
    }

    private InboundEvent? Used(InteractionEvent e, string type, string customId, IReadOnlyList<string> values) =>
        Event(e, type) is { } used
            ? used with
            {
                Fact = new Interacted(customId, values),
                Payload = JsonElement.Parse(new JsonObject
                {
                    ["custom_id"] = customId,
                    ["values"] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]),
                }.ToJsonString()),
            }
            : null;

    private InboundEvent? Event(InteractionEvent e, string type) =>
        e is { Who: { } user, ChannelId: { } channel } && InteractionHandle.Of(e) is { } handle
            ? new InboundEvent
            {
                Channel = new ChannelId(Platform.Discord, e.GuildId, channel),
                Type = type,
                UserId = user.Id,
                UserName = e.Member?.Nick ?? user.Name,
                UserRole = guilds.RoleOf(e.GuildId, user.Id, e.Member),
                MessageId = e.Id,
                OccurredAt = handle.ArrivedAt,
                ReplyHandle = handle.ToString(),
                ReplyPath = ReplyPath.Sender,
            }
            : null;

    /// <summary>The fields of a form as <c>name=value</c>, in whichever rows and labels they stand.</summary>
    private static IEnumerable<string> Fields(JsonElement component)
    {
        if (component.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        if (component.TryGetProperty("custom_id", out var name))
        {
            return Values(component).Select(value => $"{name}={value}");
        }

        return component.TryGetProperty("component", out var one) ? Fields(one)
            : component.TryGetProperty("components", out var several) && several.ValueKind == JsonValueKind.Array
                ? several.EnumerateArray().SelectMany(Fields)
                : [];
    }

    private static IEnumerable<string> Values(JsonElement field) =>
        field.TryGetProperty("value", out var value) ? [value.ToString()]
        : field.TryGetProperty("values", out var values) && values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray().Select(v => v.ToString())
            : [];
}
