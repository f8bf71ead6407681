using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Slack;

/// <summary>Stores what Slack sends, over whichever transport it comes.</summary>
internal sealed class SlackIntake(Intake intake, SecretBox box, TimeProvider clock)
{
    /// <summary>Completes when the payload is stored and may be acknowledged.</summary>
    /// <param name="claim">On the socket it came over; null: it came to a webhook, which any node may answer.</param>
    /// <exception cref="Kernel.Data.StorageUnavailableException">It is not stored; Slack sends it again.</exception>
    /// <exception cref="ClaimLostException">It is not stored; Slack sends it again, over another's socket.</exception>
    public Task<bool> AcceptAsync(JsonElement payload, Claim? claim = null)
    {
        claim?.Touch();
        return intake.AcceptAsync(ToRaw(payload) with { Claim = claim });
    }

    /// <summary>An event has an id of its own; a slash command or an interaction is known by its trigger, which is used once.</summary>
    internal RawEvent ToRaw(JsonElement payload)
    {
        payload = StorableJson.Clean(payload);
        var e = payload.At("event");
        var type = e?.Text("type") ?? (payload.Text("command") is null ? payload.Text("type") : "slash_command") ?? "unknown";
        var id = payload.Text("event_id") ?? $"{type}:{payload.Text("trigger_id") ?? Digest(payload)}";
        var ids = new JsonObject
        {
            ["server_id"] = SlackIds.Team(payload),
            ["channel_id"] = e?.Text("channel") ?? e?.Text("channel_id") ?? payload.Text("channel_id") ?? payload.Text("channel", "id"),
            ["user_id"] = e?.Text("user") ?? payload.Text("user_id") ?? payload.Text("user", "id"),
        };

        // The verification token, with which older apps prove calls, has no place in the database.
        var data = e is null && SlackIds.Team(payload) is { } team ? Sealed(payload, team) : payload.Without("token");
        return new RawEvent(Platform.Slack, id, type, ids.ToJsonString(), data, clock.GetUtcNow());
    }

    private string Sealed(JsonElement payload, string team)
    {
        var data = JsonObject.Create(payload)!;
        data.Remove("token");
        SealUrl(data, team);
        foreach (var answer in (data["response_urls"] as JsonArray ?? []).OfType<JsonObject>())
        {
            SealUrl(answer, team);
        }

        return data.ToJsonString();
    }

    private void SealUrl(JsonObject holder, string team)
    {
        if (holder["response_url"] is JsonValue value && value.TryGetValue<string>(out var url))
        {
            holder["response_url"] = ResponseUrls.Seal(box, team, url);
        }
    }

    private static string Digest(JsonElement payload) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(payload.GetRawText())))[..32];
}
