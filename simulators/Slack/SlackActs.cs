using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Rookery.Simulators.Slack;

/// <summary>What people do with what they see: they press buttons, choose, and fill in forms.</summary>
internal sealed class SlackActs(SlackSimulator slack, SlackState state)
{
    private static readonly TimeSpan TriggerLife = TimeSpan.FromSeconds(3);

    private readonly ConcurrentQueue<(string Channel, string Ts, JsonArray Blocks)> _shown = new();
    private readonly ConcurrentQueue<JsonObject> _views = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _triggers = new(StringComparer.Ordinal);

    public IReadOnlyList<JsonObject> Views => [.. _views];

    /// <summary>Good for one view within three seconds.</summary>
    public string Trigger()
    {
        var trigger = FormattableString.Invariant($"trigger-{state.Number()}");
        _triggers[trigger] = state.Now;
        return trigger;
    }

    /// <summary>A message stands in a channel where people can use what is in it.</summary>
    public void Show(string channel, string ts, JsonNode? blocks)
    {
        if (blocks is JsonArray { Count: > 0 } some)
        {
            _shown.Enqueue((channel, ts, (JsonArray)some.DeepClone()));
        }
    }

    public JsonArray? BlocksIn(string channel) => _shown.LastOrDefault(s => s.Channel == channel).Blocks;

    public JsonObject Open(JsonObject fields)
    {
        if (!_triggers.TryRemove(SlackWebApi.Text(fields, "trigger_id") ?? "", out var at))
        {
            return SlackWebApi.Error("invalid_trigger_id");
        }

        if (state.Now - at > TriggerLife)
        {
            return SlackWebApi.Error("expired_trigger_id");
        }

        var view = fields["view"] as JsonObject;
        if (SlackBlocks.WrongView(view) is { } wrong)
        {
            return SlackWebApi.Error(wrong);
        }

        var opened = (JsonObject)view!.DeepClone();
        opened["id"] = FormattableString.Invariant($"V{state.Number()}");
        _views.Enqueue(opened);
        return new JsonObject { ["ok"] = true, ["view"] = opened.DeepClone() };
    }

    /// <summary>Somebody uses the newest thing of that name in a channel.</summary>
    /// <param name="values">What is chosen; none for a button.</param>
    /// <exception cref="InvalidOperationException">Nobody sees one there.</exception>
    public Task<bool> UseAsync(string channel, string user, string actionId, IReadOnlyList<string> values, CancellationToken ct)
    {
        var (_, ts, element) = _shown.Where(s => s.Channel == channel)
            .SelectMany(s => SlackBlocks.Elements(s.Blocks), (s, e) => (s.Channel, s.Ts, Element: e))
            .LastOrDefault(s => s.Element["action_id"]!.GetValue<string>() == actionId);
        if (element is null)
        {
            throw new InvalidOperationException($"Nobody sees {actionId} in {channel}.");
        }

        var action = new JsonObject
        {
            ["action_id"] = actionId,
            ["block_id"] = "b1",
            ["type"] = element["type"]!.DeepClone(),
            ["action_ts"] = ts,
        };
        Fill(action, element, values);
        return slack.InteractAsync(
            new JsonObject
            {
                ["type"] = "block_actions",
                ["team"] = new JsonObject { ["id"] = slack.Team },
                ["user"] = User(user),
                ["container"] = new JsonObject { ["type"] = "message", ["message_ts"] = ts, ["channel_id"] = channel },
                ["message"] = new JsonObject { ["type"] = "message", ["ts"] = ts },
                ["actions"] = new JsonArray(action),
            },
            channel,
            ct);
    }

    /// <summary>Somebody fills in the newest form of that name and sends it.</summary>
    /// <exception cref="InvalidOperationException">No such form is open, or it has no such field.</exception>
    public Task<bool> SubmitAsync(
        string callbackId, string user, IReadOnlyList<(string Name, string Value)> filled, CancellationToken ct)
    {
        var view = _views.LastOrDefault(v => v["callback_id"]!.GetValue<string>() == callbackId)
            ?? throw new InvalidOperationException($"No form {callbackId} is open.");
        var elements = SlackBlocks.Elements(view["blocks"] as JsonArray).ToList();
        if (filled.FirstOrDefault(f => elements.TrueForAll(e => e["action_id"]!.GetValue<string>() != f.Name)) is { Name: { } strange })
        {
            throw new InvalidOperationException($"The form has no field {strange}.");
        }

        var values = new JsonObject();
        foreach (var element in elements)
        {
            var name = element["action_id"]!.GetValue<string>();
            var field = new JsonObject { ["type"] = element["type"]!.DeepClone() };
            Fill(field, element, [.. filled.Where(f => f.Name == name).Select(f => f.Value)]);
            values[$"block-{name}"] = new JsonObject { [name] = field };
        }

        var sent = (JsonObject)view.DeepClone();
        sent["state"] = new JsonObject { ["values"] = values };
        return slack.InteractAsync(
            new JsonObject
            {
                ["type"] = "view_submission",
                ["team"] = new JsonObject { ["id"] = slack.Team },
                ["user"] = User(user),
                ["view"] = sent,
            },
            null,
            ct);
    }

    private static JsonObject User(string id) => new() { ["id"] = id, ["username"] = id.ToLowerInvariant(), ["team_id"] = "T1" };

    private static void Fill(JsonObject into, JsonObject element, IReadOnlyList<string> values)
    {
        var options = (element["options"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(o => values.Contains(o["value"]!.GetValue<string>(), StringComparer.Ordinal)).Select(o => (JsonNode?)o.DeepClone()).ToList();
        switch (element["type"]!.GetValue<string>())
        {
            case "button":
                break;
            case "static_select":
                into["selected_option"] = options.SingleOrDefault();
                break;
            case "multi_static_select" or "checkboxes":
                into["selected_options"] = new JsonArray([.. options]);
                break;
            case "datepicker":
                into["selected_date"] = values.SingleOrDefault();
                break;
            case "timepicker":
                into["selected_time"] = values.SingleOrDefault();
                break;
            default:
                into["value"] = values.SingleOrDefault();
                break;
        }
    }
}
