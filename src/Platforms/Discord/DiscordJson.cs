using System.Text.Json.Serialization;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Interactions;
using Rookery.Platforms.Discord.SignIn;

namespace Rookery.Platforms.Discord;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HelloData))]
[JsonSerializable(typeof(ReadyEvent))]
[JsonSerializable(typeof(GatewayBot))]
[JsonSerializable(typeof(DiscordUser))]
[JsonSerializable(typeof(DiscordMember))]
[JsonSerializable(typeof(GuildEvent))]
[JsonSerializable(typeof(GuildRoleEvent))]
[JsonSerializable(typeof(IReadOnlyList<DiscordChannel>))]
[JsonSerializable(typeof(DiscordRole))]
[JsonSerializable(typeof(RoleRequest))]
[JsonSerializable(typeof(MessageRequest))]
[JsonSerializable(typeof(DirectRequest))]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(RateLimitAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(TimeoutRequest))]
[JsonSerializable(typeof(JsonIds))]
[JsonSerializable(typeof(SessionNote))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, ulong>))]
[JsonSerializable(typeof(IReadOnlyList<InVoice>))]
[JsonSerializable(typeof(DeletedEvent))]
[JsonSerializable(typeof(BulkDeletedEvent))]
[JsonSerializable(typeof(ThreadEvent))]
[JsonSerializable(typeof(InviteEvent))]
[JsonSerializable(typeof(ReactionEvent))]
[JsonSerializable(typeof(MemberEvent))]
[JsonSerializable(typeof(VoiceEvent))]
[JsonSerializable(typeof(AuditLogEntry))]
[JsonSerializable(typeof(InteractionEvent))]
[JsonSerializable(typeof(InteractionHandle))]
[JsonSerializable(typeof(MessageCallback))]
[JsonSerializable(typeof(ModalCallback))]
[JsonSerializable(typeof(ChoicesCallback))]
[JsonSerializable(typeof(Pong))]
[JsonSerializable(typeof(IReadOnlyList<SlashCommand>))]
[JsonSerializable(typeof(ApplicationAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(SignedInUser))]
[JsonSerializable(typeof(IReadOnlyList<GuildId>))]
[JsonSerializable(typeof(RightEvent))]
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

/// <param name="Unavailable">Away for a while, which is not gone.</param>
/// <param name="JoinedAt">When the bot came into it.</param>
/// <param name="Icon">The picture's hash.</param>
internal sealed record GuildEvent(
    string Id, string? Name = null, string? OwnerId = null, IReadOnlyList<DiscordRole>? Roles = null, bool Unavailable = false,
    IReadOnlyList<VoiceEvent>? VoiceStates = null, IReadOnlyList<DiscordMember>? Members = null, DateTimeOffset? JoinedAt = null, string? Icon = null);

internal sealed record DiscordRole(string Id, string? Name, string Permissions, bool Mentionable = false);

internal sealed record GuildRoleEvent(string GuildId, DiscordRole? Role, string? RoleId = null);

internal sealed record DeletedEvent(string Id, string ChannelId, string? GuildId);

internal sealed record BulkDeletedEvent(IReadOnlyList<string> Ids, string ChannelId, string? GuildId);

/// <param name="NewlyCreated">False when the bot only came to see it.</param>
internal sealed record ThreadEvent(string Id, string? ParentId, string? GuildId, string? OwnerId, bool NewlyCreated = false);

internal sealed record InviteEvent(string ChannelId, string? GuildId, DiscordUser? Inviter);

internal sealed record ReactionEvent(
    string UserId, string ChannelId, string MessageId, string? GuildId, DiscordMember? Member, Emoji Emoji);

internal sealed record Emoji(string? Id, string? Name);

/// <summary>Of members who come, change or go, and of bans.</summary>
internal sealed record MemberEvent(
    string GuildId, DiscordUser User, string? Nick, IReadOnlyList<string>? Roles, DateTimeOffset? PremiumSince,
    DateTimeOffset? CommunicationDisabledUntil);

/// <summary>What somebody did with a server. Source: Discord developer documentation, Audit Log Entry object.</summary>
internal sealed record AuditLogEntry(string? GuildId, int ActionType, string? TargetId, string? UserId, string? Reason)
{
    public const int MemberKick = 20;
}

internal sealed record VoiceEvent(string? GuildId, string? ChannelId, string UserId, DiscordMember? Member);

internal sealed record MessageAnswer(string Id, int Flags = 0);

internal sealed record RateLimitAnswer(double RetryAfter, bool Global);

internal sealed record ErrorAnswer(int Code, string? Message);

/// <param name="Permissions">A number: so the published schema has it.</param>
internal sealed record RoleRequest(string Name, ulong Permissions, bool Mentionable);

internal sealed record TimeoutRequest(DateTimeOffset? CommunicationDisabledUntil);
