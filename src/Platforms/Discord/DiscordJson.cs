using System.Text.Json.Serialization;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Interactions;

namespace Rookery.Platforms.Discord;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HelloData))]
[JsonSerializable(typeof(ReadyEvent))]
[JsonSerializable(typeof(GatewayBot))]
[JsonSerializable(typeof(MessageEvent))]
[JsonSerializable(typeof(GuildEvent))]
[JsonSerializable(typeof(GuildRoleEvent))]
[JsonSerializable(typeof(MessageRequest))]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(RateLimitAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(TimeoutRequest))]
[JsonSerializable(typeof(JsonIds))]
[JsonSerializable(typeof(SessionNote))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, ulong>))]
[JsonSerializable(typeof(DeletedEvent))]
[JsonSerializable(typeof(ReactionEvent))]
[JsonSerializable(typeof(MemberEvent))]
[JsonSerializable(typeof(VoiceEvent))]
[JsonSerializable(typeof(InteractionEvent))]
[JsonSerializable(typeof(InteractionHandle))]
[JsonSerializable(typeof(MessageCallback))]
[JsonSerializable(typeof(ModalCallback))]
[JsonSerializable(typeof(ChoicesCallback))]
[JsonSerializable(typeof(Pong))]
[JsonSerializable(typeof(IReadOnlyList<SlashCommand>))]
[JsonSerializable(typeof(ApplicationAnswer))]
internal sealed partial class DiscordJson : JsonSerializerContext;

internal sealed record HelloData(int HeartbeatInterval);

/// <param name="Shard">Which of how many.</param>
internal sealed record ReadyEvent(
    string SessionId, Uri ResumeGatewayUrl, DiscordUser User, IReadOnlyList<GuildId> Guilds, IReadOnlyList<int>? Shard = null);

internal sealed record GuildId(string Id);

internal sealed record GatewayBot(Uri Url, int Shards, SessionStartLimit SessionStartLimit);

/// <param name="ResetAfter">Milliseconds.</param>
internal sealed record SessionStartLimit(int Total, int Remaining, int ResetAfter, int MaxConcurrency);

internal sealed record DiscordUser(string Id, string Username, string? GlobalName = null, bool Bot = false)
{
    public string Name => GlobalName ?? Username;
}

/// <param name="Permissions">Of all their roles in the channel together; told with interactions.</param>
internal sealed record DiscordMember(
    string? Nick, IReadOnlyList<string>? Roles, DateTimeOffset? PremiumSince, DiscordUser? User = null, string? Permissions = null);

/// <summary>What is read most by far: filled in without the array of boxed arguments that a constructor takes.</summary>
internal sealed record MessageEvent
{
    public string Id { get; set; } = "";

    public string ChannelId { get; set; } = "";

    public string? GuildId { get; set; }

    public DiscordUser? Author { get; set; }

    public DiscordMember? Member { get; set; }

    public string? Content { get; set; }

    public DateTimeOffset? Timestamp { get; set; }

    public string? WebhookId { get; set; }

    public DateTimeOffset? EditedTimestamp { get; set; }
}

/// <param name="Unavailable">Away for a while, which is not gone.</param>
/// <param name="JoinedAt">When the bot came into it.</param>
internal sealed record GuildEvent(
    string Id, string? Name = null, string? OwnerId = null, IReadOnlyList<DiscordRole>? Roles = null, bool Unavailable = false,
    IReadOnlyList<VoiceEvent>? VoiceStates = null, IReadOnlyList<DiscordMember>? Members = null, DateTimeOffset? JoinedAt = null);

internal sealed record DiscordRole(string Id, string? Name, string Permissions);

internal sealed record GuildRoleEvent(string GuildId, DiscordRole? Role, string? RoleId = null);

internal sealed record DeletedEvent(string Id, string ChannelId, string? GuildId);

internal sealed record ReactionEvent(
    string UserId, string ChannelId, string MessageId, string? GuildId, DiscordMember? Member, Emoji Emoji);

internal sealed record Emoji(string? Id, string? Name);

/// <summary>Of members who come, change or go, and of bans.</summary>
internal sealed record MemberEvent(
    string GuildId, DiscordUser User, string? Nick, IReadOnlyList<string>? Roles, DateTimeOffset? PremiumSince,
    DateTimeOffset? CommunicationDisabledUntil);

internal sealed record VoiceEvent(string? GuildId, string? ChannelId, string UserId, DiscordMember? Member);

internal sealed record MessageAnswer(string Id);

internal sealed record RateLimitAnswer(double RetryAfter, bool Global);

internal sealed record ErrorAnswer(int Code, string? Message);

internal sealed record TimeoutRequest(DateTimeOffset? CommunicationDisabledUntil);
