using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Discord;

/// <summary>Makes of dispatches what they mean here. What is unknown means nothing and is no error.</summary>
internal sealed class DiscordDecoder(Guilds guilds, TimeProvider clock)
{
    /// <returns>Null for what nobody here needs to know, such as what bots say.</returns>
    public InboundEvent? Read(string type, ReadOnlySpan<byte> data) => type switch
    {
        EventTypes.MessageCreate => ReadMessage(JsonSerializer.Deserialize(data, DiscordJson.Default.MessageEvent)!),
        _ => null,
    };

    private InboundEvent? ReadMessage(MessageEvent message) =>
        message is not { Author: { Bot: false } author, WebhookId: null, Content: { } text }
            ? null
            : new InboundEvent
            {
                Channel = new ChannelId(Platform.Discord, message.GuildId, message.ChannelId),
                Type = MessageTypes.Chat,
                UserId = author.Id,
                UserName = message.Member?.Nick ?? author.Name,
                UserRole = guilds.RoleOf(message.GuildId, author.Id, message.Member),
                MessageId = message.Id,
                Text = text,
                OccurredAt = message.Timestamp ?? clock.GetUtcNow(),
                ReplyPath = ReplyPath.Sender,
            };
}
