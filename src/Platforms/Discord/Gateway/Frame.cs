using System.Text.Json;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>What one gateway message is, without its content. Source: Discord developer documentation, Gateway events.</summary>
internal enum Opcode
{
    Dispatch = 0,
    Heartbeat = 1,
    Identify = 2,
    Resume = 6,
    Reconnect = 7,
    InvalidSession = 9,
    Hello = 10,
    HeartbeatAck = 11,
}

/// <param name="Sequence">Of a dispatch; null otherwise.</param>
/// <param name="Type">Of a dispatch; null otherwise.</param>
/// <param name="Data">The JSON value <c>d</c>, within the buffer that was read.</param>
internal readonly record struct Frame(Opcode Op, long? Sequence, string? Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>Reads the frame's head; its content is not looked at.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static Frame Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        var (op, sequence, type, data) = (-1, (long?)null, (string?)null, ReadOnlyMemory<byte>.Empty);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A frame must be a JSON object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("op"u8))
            {
                reader.Read();
                op = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("s"u8))
            {
                reader.Read();
                sequence = reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : null;
            }
            else if (reader.ValueTextEquals("t"u8))
            {
                reader.Read();
                type = EventTypes.Read(ref reader);
            }
            else
            {
                var isData = reader.ValueTextEquals("d"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                data = isData ? json[start..(int)reader.BytesConsumed] : data;
            }
        }

        return new Frame((Opcode)op, sequence, type, data);
    }
}
