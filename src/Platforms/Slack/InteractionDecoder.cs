using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

/// <summary>Buttons, selections, forms and shortcuts.</summary>
internal static class InteractionDecoder
{
    private static readonly string[] One =
        ["value", "selected_date", "selected_time", "selected_user", "selected_channel", "selected_conversation"];
    private static readonly string[] Several = ["selected_users", "selected_channels", "selected_conversations"];

    public static Decoded Decode(Source source)
    {
        var payload = source.Payload;
        if (payload.Text("user", "id") is not { } user)
        {
            return Decoded.Unknown;
        }

        return payload.Text("type") switch
        {
            "block_actions" => Actions(source, user),
            "view_submission" => Form(source, user),
            "shortcut" => Of(source, "interaction", user, payload.Text("callback_id"), [], 0),
            "message_action" => Of(
                source, "interaction", user, payload.Text("callback_id"), [.. Target(payload)], 0),
            "view_closed" or "block_suggestion" or "interactive_message" or "dialog_submission" => Decoded.Ignored,
            _ => Decoded.Unknown,
        };
    }

    private static Decoded Actions(Source source, string user)
    {
        var actions = source.Payload.List("actions").Where(a => !SlackComponents.IsLink(a.Text("action_id"))).ToList();
        return actions.Count == 0
            ? Decoded.Ignored
            : Decoded.Of([.. actions.SelectMany((action, i) => Of(
                source,
                action.Text("type") == "button" ? "button_click" : "select_menu",
                user,
                action.Text("action_id"),
                [.. Values(action)],
                i).Events)]);
    }

    /// <summary>A form's channel is the one its answer may go to; without one the answer goes to the person.</summary>
    private static Decoded Form(Source source, string user)
    {
        var view = source.Payload.At("view");
        var fields = view?.At("state")?.At("values") is { ValueKind: JsonValueKind.Object } blocks
            ? blocks.EnumerateObject()
                .Where(block => block.Value.ValueKind == JsonValueKind.Object)
                .SelectMany(block => block.Value.EnumerateObject())
                .SelectMany(field => Values(field.Value).Select(value => $"{field.Name}={value}"))
            : [];
        return Of(source, "modal_submit", user, view?.Text("callback_id"), [.. fields], 0);
    }

    private static Decoded Of(
        Source source, string type, string user, string? customId, IReadOnlyList<string> values, int index)
    {
        if (customId is null)
        {
            return Decoded.Ignored;
        }

        var payload = source.Payload;
        var answer = payload.List("response_urls").Select(r => (JsonElement?)r).FirstOrDefault();
        var (home, opened) = FormPlace.Read(payload.At("view")?.Text("private_metadata"));
        var channel = payload.Text("channel", "id") ?? payload.Text("container", "channel_id") ?? answer?.Text("channel_id") ?? home;
        var place = new ReplyPlace(
            payload.Text("message", "thread_ts") ?? opened.Thread,
            payload.Text("response_url") ?? answer?.Text("response_url") ?? opened.Url,
            channel is null ? user : opened.User,
            payload.Text("trigger_id"));
        return Decoded.Of(source.Event(type, channel, user) with
        {
            MessageId = $"{source.Id}:{index.ToString(CultureInfo.InvariantCulture)}",
            UserName = payload.Text("user", "username") ?? payload.Text("user", "name") ?? user,
            Fact = new Interacted(customId, values),
            Payload = JsonElement.Parse(new JsonObject
            {
                ["custom_id"] = customId,
                ["values"] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]),
            }.ToJsonString()),
            ReplyHandle = place.ToHandle(),
        });
    }

    private static IEnumerable<string> Target(JsonElement payload) =>
        payload.Text("channel", "id") is { } channel && payload.Text("message", "ts") is { } ts
            ? [SlackIds.Message(channel, ts)]
            : [];

    /// <summary>What was chosen or written, whichever kind of element it is.</summary>
    private static IEnumerable<string> Values(JsonElement element)
    {
        if (One.Select(name => element.Text(name)).FirstOrDefault(v => v is not null) is { } one)
        {
            return [one];
        }

        if (element.Text("selected_option", "value") is { } option)
        {
            return [option];
        }

        if (element.At("selected_date_time") is { ValueKind: JsonValueKind.Number } moment)
        {
            return [moment.GetRawText()];
        }

        return element.List("selected_options").Select(o => o.Text("value")).OfType<string>()
            .Concat(Several.SelectMany(name => element.List(name))
                .Where(v => v.ValueKind == JsonValueKind.String)
                .Select(v => v.GetString()!));
    }
}
