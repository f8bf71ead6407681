using System.Text.Json.Nodes;

namespace Rookery.Simulators.Twitch;

/// <summary>A subscription as Twitch keeps it.</summary>
public sealed class SimulatedSubscription
{
    public string Id { get; } = Guid.NewGuid().ToString();

    public string Status { get; set; } = "enabled";

    public required string Type { get; init; }

    public required string Version { get; init; }

    public required IReadOnlyDictionary<string, string> Condition { get; init; }

    /// <summary>webhook or websocket.</summary>
    public required string Method { get; init; }

    public string? Callback { get; init; }

    public string? Secret { get; init; }

    public string? SessionId { get; set; }

    /// <summary>Whose user token made it; null: the application's.</summary>
    public string? Owner { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>0 when a person it is about let the application in, else 1.</summary>
    public int Cost { get; set; }

    /// <summary>Calls in a row that were not answered with success.</summary>
    public int Failures { get; set; }

    public bool Matches(string type, JsonObject e) => Type == type && Status == "enabled"
        && Condition.All(c => c.Key is not ("broadcaster_user_id" or "to_broadcaster_user_id") || e[c.Key]?.GetValue<string>() == c.Value);

    public bool IsSameAs(SimulatedSubscription other) =>
        (Type, Method, Callback, SessionId) == (other.Type, other.Method, other.Callback, other.SessionId)
        && Condition.Count == other.Condition.Count
        && Condition.All(c => other.Condition.GetValueOrDefault(c.Key) == c.Value);

    public JsonObject ToJson()
    {
        var transport = new JsonObject { ["method"] = Method };
        if (Method == "webhook")
        {
            transport["callback"] = Callback;
        }
        else
        {
            transport["session_id"] = SessionId;
        }

        // Twitch fills in the conditions nobody set.
        var condition = new JsonObject(Condition.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)JsonValue.Create(c.Value))));
        if (Type == "channel.raid")
        {
            condition["from_broadcaster_user_id"] ??= "";
        }

        return new JsonObject
        {
            ["id"] = Id,
            ["status"] = Status,
            ["type"] = Type,
            ["version"] = Version,
            ["condition"] = condition,
            ["transport"] = transport,
            ["created_at"] = CreatedAt.ToString("O"),
            ["cost"] = Cost,
        };
    }
}
