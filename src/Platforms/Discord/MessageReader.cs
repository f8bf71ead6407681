using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Rookery.Platforms.Discord;

/// <summary>A message as Discord tells of it: new, or changed. Source: Discord developer documentation, Message object.</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct MessageEvent
{
    public string Id { get; set; }

    public string ChannelId { get; set; }

    public string? GuildId { get; set; }

    public DiscordUser? Author { get; set; }

    public DiscordMember? Member { get; set; }

    public string? Content { get; set; }

    public DateTimeOffset? Timestamp { get; set; }

    public string? WebhookId { get; set; }

    public DateTimeOffset? EditedTimestamp { get; set; }
}

/// <summary>
/// Reads messages, which are most of what Discord tells, by hand: the serializer takes five times the memory. Who speaks and
/// where is kept, for it comes with every line.
/// </summary>
internal sealed class MessageReader
{
    private readonly Utf8Cache<string> _ids = new(Encoding.UTF8.GetString);
    private readonly Utf8Cache<DiscordUser> _users = new(json => JsonSerializer.Deserialize(json, DiscordJson.Default.DiscordUser)!);
    private readonly Utf8Cache<DiscordMember> _members = new(json => JsonSerializer.Deserialize(json, DiscordJson.Default.DiscordMember)!);

    /// <exception cref="JsonException">It is not what Discord documents.</exception>
    public MessageEvent Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        var message = default(MessageEvent);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Read(ref reader, json, ref message);
        }

        Require(message is { Id: not null, ChannelId: not null });
        return message;
    }

    private void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref MessageEvent message)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            message.Id = Text(ref reader)!;
        }
        else if (reader.ValueTextEquals("channel_id"u8))
        {
            message.ChannelId = Id(ref reader)!;
        }
        else if (reader.ValueTextEquals("guild_id"u8))
        {
            message.GuildId = Id(ref reader);
        }
        else if (reader.ValueTextEquals("author"u8))
        {
            message.Author = _users.Get(Whole(ref reader, json));
        }
        else if (reader.ValueTextEquals("member"u8))
        {
            message.Member = _members.Get(Whole(ref reader, json));
        }
        else if (reader.ValueTextEquals("content"u8))
        {
            message.Content = Text(ref reader);
        }
        else if (reader.ValueTextEquals("timestamp"u8))
        {
            message.Timestamp = Moment(ref reader);
        }
        else if (reader.ValueTextEquals("edited_timestamp"u8))
        {
            message.EditedTimestamp = Moment(ref reader);
        }
        else if (reader.ValueTextEquals("webhook_id"u8))
        {
            message.WebhookId = Text(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private string? Id(ref Utf8JsonReader reader) =>
        !NextIsText(ref reader) ? null : reader.ValueIsEscaped ? reader.GetString() : _ids.Get(reader.ValueSpan);

    private static string? Text(ref Utf8JsonReader reader)
    {
        if (!NextIsText(ref reader))
        {
            return null;
        }

        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A text is no valid Unicode.", e);
        }
    }

    private static DateTimeOffset? Moment(ref Utf8JsonReader reader)
    {
        if (!NextIsText(ref reader))
        {
            return null;
        }

        Require(reader.TryGetDateTimeOffset(out var moment));
        return moment;
    }

    /// <summary>The value as it was written.</summary>
    private static ReadOnlySpan<byte> Whole(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    /// <returns>False for null.</returns>
    private static bool NextIsText(ref Utf8JsonReader reader)
    {
        reader.Read();
        Require(reader.TokenType is JsonTokenType.String or JsonTokenType.Null);
        return reader.TokenType == JsonTokenType.String;
    }

    private static void Require(bool holds)
    {
        if (!holds)
        {
            throw new JsonException("It is no message of Discord.");
        }
    }
}
