using System.Text.Json;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>What we tell the gateway. Source: Discord developer documentation, Gateway events, send events.</summary>
internal static class Commands
{
    private const int LargeServer = 50;

    public static byte[] Heartbeat(long? sequence) => Write(Opcode.Heartbeat, json =>
    {
        if (sequence is { } s)
        {
            json.WriteNumberValue(s);
        }
        else
        {
            json.WriteNullValue();
        }
    });

    public static byte[] Identify(string token, int intents, int shard, int shards) => Write(Opcode.Identify, json =>
    {
        json.WriteStartObject();
        json.WriteString("token", token);
        json.WriteNumber("intents", intents);
        json.WriteNumber("large_threshold", LargeServer);
        json.WriteStartArray("shard");
        json.WriteNumberValue(shard);
        json.WriteNumberValue(shards);
        json.WriteEndArray();
        json.WriteStartObject("properties");
        json.WriteString("os", "linux");
        json.WriteString("browser", "rookery");
        json.WriteString("device", "rookery");
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public static byte[] Resume(string token, SessionState session) => Write(Opcode.Resume, json =>
    {
        json.WriteStartObject();
        json.WriteString("token", token);
        json.WriteString("session_id", session.Id);
        json.WriteNumber("seq", session.Sequence);
        json.WriteEndObject();
    });

    private static byte[] Write(Opcode op, Action<Utf8JsonWriter> data)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("op", (int)op);
            json.WritePropertyName("d");
            data(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
