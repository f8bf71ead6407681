using System.Text.Json.Nodes;

namespace Rookery.Simulators.Discord;

/// <summary>What a message's body holds besides its text.</summary>
internal static class MessageBody
{
    private static readonly string[] Parts = ["embeds", "components"];

    /// <returns>Its cards, and its buttons and selections; null: it has none.</returns>
    public static JsonObject? Shown(JsonObject body)
    {
        var shown = new JsonObject();
        foreach (var part in Parts)
        {
            if (body[part] is JsonArray { Count: > 0 } some)
            {
                shown[part] = some.DeepClone();
            }
        }

        return shown.Count > 0 ? shown : null;
    }
}
