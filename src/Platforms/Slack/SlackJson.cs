using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rookery.Platforms.Slack;

/// <summary>The body of <c>chat.postMessage</c>, <c>chat.postEphemeral</c> and of a response URL.</summary>
internal sealed record PostMessage(string? Channel, string Text)
{
    public string? ThreadTs { get; init; }

    /// <summary>Of the message that is changed, for <c>chat.update</c>.</summary>
    public string? Ts { get; init; }

    /// <summary>Who alone sees it.</summary>
    public string? User { get; init; }

    public IReadOnlyList<Block>? Blocks { get; init; }

    public Metadata? Metadata { get; init; }

    /// <summary>in_channel or ephemeral, for a response URL.</summary>
    public string? ResponseType { get; init; }

    public bool? ReplaceOriginal { get; init; }
}

/// <summary>One block of Slack's Block Kit; which fields are set depends on its type.</summary>
internal sealed record Block(string Type)
{
    public BlockText? Text { get; init; }

    public IReadOnlyList<BlockText>? Fields { get; init; }

    public IReadOnlyList<BlockPart>? Elements { get; init; }

    public Element? Accessory { get; init; }

    public string? ImageUrl { get; init; }

    public string? AltText { get; init; }

    public BlockText? Label { get; init; }

    public Element? Element { get; init; }

    public bool? Optional { get; init; }
}

/// <summary>What stands in a row: texts under a card, or what can be used.</summary>
[JsonDerivedType(typeof(BlockText))]
[JsonDerivedType(typeof(Element))]
internal abstract record BlockPart(string Type);

/// <param name="Type">mrkdwn or plain_text.</param>
internal sealed record BlockText(string Type, string Text) : BlockPart(Type);

/// <summary>Something to press, to choose from or to fill in; which fields are set depends on its type.</summary>
internal sealed record Element(string Type) : BlockPart(Type)
{
    public string? ActionId { get; init; }

    public BlockText? Text { get; init; }

    public string? Style { get; init; }

    public string? Url { get; init; }

    public BlockText? Placeholder { get; init; }

    public IReadOnlyList<ElementOption>? Options { get; init; }

    public int? MaxSelectedItems { get; init; }

    public bool? Multiline { get; init; }

    public string? InitialValue { get; init; }

    public bool? IsDecimalAllowed { get; init; }
}

internal sealed record ElementOption(BlockText Text, string Value, BlockText? Description);

/// <summary>The body of <c>views.open</c>.</summary>
internal sealed record OpenView(string TriggerId, View View);

/// <param name="PrivateMetadata">Comes back with what was filled in.</param>
internal sealed record View(string CallbackId, BlockText Title, IReadOnlyList<Block> Blocks, string? PrivateMetadata)
{
    public string Type => "modal";

    public BlockText Submit => new("plain_text", "Send");
}

/// <summary>Goes with a message unseen and can be read back, so that a repeat is known.</summary>
internal sealed record Metadata(string EventType, DeliveryKey EventPayload);

/// <param name="Key">The outbox's key.</param>
/// <param name="Part">Which part of a long message, from 0.</param>
internal sealed record DeliveryKey(string Key, int Part);

internal sealed record MessageRef(string Channel, string Ts);

internal sealed record MemberRef(string Channel, string User);

internal sealed record Acknowledgement(string EnvelopeId);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PostMessage))]
[JsonSerializable(typeof(OpenView))]
[JsonSerializable(typeof(MessageRef))]
[JsonSerializable(typeof(MemberRef))]
[JsonSerializable(typeof(Acknowledgement))]
internal sealed partial class SlackJson : JsonSerializerContext;

/// <summary>Reads Slack's JSON without trusting its shape: what is missing or of another kind is null.</summary>
internal static class SlackJsonReading
{
    public static JsonElement? At(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    public static string? Text(this JsonElement json, string name) =>
        json.At(name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;

    public static string? Text(this JsonElement json, string name, string inner) => json.At(name)?.Text(inner);

    public static bool Says(this JsonElement json, string name) => json.At(name)?.ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonElement> List(this JsonElement json, string name) =>
        json.At(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The same object without some of its fields.</summary>
    public static string Without(this JsonElement json, params ReadOnlySpan<string> names)
    {
        using var kept = new MemoryStream();
        using (var writer = new Utf8JsonWriter(kept))
        {
            writer.WriteStartObject();
            foreach (var property in json.EnumerateObject())
            {
                if (!names.Contains(property.Name))
                {
                    property.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }

    /// <summary>A moment of Slack: seconds since 1970 with a fraction, as text or number.</summary>
    public static DateTimeOffset? Moment(this JsonElement json, string name) =>
        decimal.TryParse(
            json.At(name) is { ValueKind: JsonValueKind.String or JsonValueKind.Number } value ? value.ToString() : null,
            NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;
}
