using System.Text.Json.Nodes;

namespace Rookery.Simulators.Slack;

/// <summary>Slack's limits for blocks. Source: Slack, Block Kit reference.</summary>
internal static class SlackBlocks
{
    private const int MaxBlocks = 50;
    private const int MaxViewBlocks = 100;
    private const int MaxViewTitle = 24;
    private const int MaxActions = 25;
    private const int MaxActionId = 255;
    private const int MaxMetadata = 3000;

    private static readonly Dictionary<string, int> Texts = new(StringComparer.Ordinal)
    {
        ["section"] = 3000,
        ["header"] = 150,
        ["button"] = 75,
    };

    /// <summary>Null when a message of these is shown.</summary>
    public static string? Wrong(JsonArray? blocks) =>
        blocks is { Count: > MaxBlocks } || (blocks ?? []).Any(b => b is not JsonObject block || IsWrong(block, inView: false))
            ? "invalid_blocks"
            : null;

    /// <summary>Null when the view is opened.</summary>
    public static string? WrongView(JsonObject? view) =>
        view?["type"]?.GetValue<string>() != "modal"
        || Length(view["title"]) is 0 or > MaxViewTitle || Length(view["submit"]) is 0 or > MaxViewTitle
        || view["callback_id"]?.GetValue<string>().Length is null or > MaxActionId
        || view["private_metadata"]?.GetValue<string>().Length > MaxMetadata
        || view["blocks"] is not JsonArray { Count: > 0 and <= MaxViewBlocks } blocks
        || blocks.Any(b => b is not JsonObject block || IsWrong(block, inView: true))
            ? "invalid_arguments"
            : null;

    /// <summary>Everything in a message or view that somebody can use.</summary>
    public static IEnumerable<JsonObject> Elements(JsonArray? blocks) => (blocks ?? []).OfType<JsonObject>().SelectMany(ElementsOf);

    private static IEnumerable<JsonObject> ElementsOf(JsonObject block) =>
        (block["elements"] as JsonArray ?? []).Append(block["accessory"]).Append(block["element"]).OfType<JsonObject>()
            .Where(e => e.ContainsKey("action_id"));

    private static bool IsWrong(JsonObject block, bool inView)
    {
        var elements = ElementsOf(block).ToList();
        return IsTooLong(block) || elements.Any(IsWrongElement) || block["type"]?.GetValue<string>() switch
        {
            "actions" => elements.Count is 0 or > MaxActions
                || elements.Select(e => e["action_id"]!.GetValue<string>()).Distinct(StringComparer.Ordinal).Count() != elements.Count
                || elements.Any(e => e["type"]!.GetValue<string>() == "multi_static_select"),
            "input" => !inView || elements.Count != 1 || Length(block["label"]) is 0 or > 2000,
            "section" => block["text"] is null && block["fields"] is null,
            "header" or "image" or "context" => false,
            _ => true,
        };
    }

    private static bool IsWrongElement(JsonObject element)
    {
        var type = element["type"]!.GetValue<string>();
        return element["action_id"]!.GetValue<string>().Length is 0 or > MaxActionId
            || Length(element["placeholder"]) > 150
            || IsTooLong(element)
            || (type == "button" && (Length(element["text"]) == 0 || element["style"]?.GetValue<string>() is not (null or "primary" or "danger")))
            || (type is "static_select" or "multi_static_select" or "checkboxes" && AreWrong(element["options"] as JsonArray, type))
            || (type == "number_input" && element["is_decimal_allowed"] is null);
    }

    private static bool AreWrong(JsonArray? options, string type) =>
        options is null || options.Count == 0 || options.Count > (type == "checkboxes" ? 10 : 100)
        || options.Any(o => Length(o!["text"]) is 0 or > 75 || Length(o["description"]) > 75
            || o["value"]?.GetValue<string>().Length is null or 0 or > 150);

    private static bool IsTooLong(JsonObject of) =>
        Texts.TryGetValue(of["type"]?.GetValue<string>() ?? "", out var max) && Length(of["text"]) > max;

    private static int Length(JsonNode? text) => text is JsonObject o ? o["text"]?.GetValue<string>().Length ?? 0 : 0;
}
