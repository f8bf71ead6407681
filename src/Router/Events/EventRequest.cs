using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Router.Events;

/// <summary>An event as a collector hands it in.</summary>
/// <param name="MessageType">One of the platform event types; <c>chatMessage</c> for chat.</param>
/// <param name="MessageId">The platform's id of the event: the same id never executes twice.</param>
/// <param name="UserRole">
/// The role the platform vouches for: member, vip, subscriber, moderator, admin or owner.
/// </param>
internal sealed record EventRequest(
    string? Platform,
    string? ServerId,
    string? ChannelId,
    string? MessageId,
    string? MessageType,
    string? UserId,
    string? UserName,
    string? UserRole,
    string? MessageContent,
    DateTimeOffset? OccurredAt,
    JsonElement? Payload)
{
    private const int MaxId = 255;
    private const int MaxContent = 5000;

    /// <summary>The event, or everything that is wrong with the request.</summary>
    public InboundEvent? ToEvent(DateTimeOffset now, out Checks checks)
    {
        checks = new Checks()
            .That(
                Platforms.TryParse(Platform, out var platform),
                "platform",
                $"must be one of {string.Join(", ", Platforms.All)}.")
            .Optional("server_id", ServerId, MaxId)
            .Text("channel_id", ChannelId, MaxId)
            .Optional("message_id", MessageId, MaxId)
            .That(MessageId is not "", "message_id", "must not be empty; leave it out when the platform has none.")
            .That(ServerId is not "", "server_id", "must not be empty; leave it out when the platform has none.")
            .That(
                MessageType is not null && MessageTypes.All.Contains(MessageType),
                "message_type",
                $"must be one of {string.Join(", ", MessageTypes.All)}.")
            .Text("user_id", UserId, MaxId)
            .Text("user_name", UserName, MaxId)
            .That(
                UserRole is null || Roles.TryParse(UserRole, out _),
                "user_role",
                $"must be one of {string.Join(", ", Roles.All)}.")
            .Optional("message_content", MessageContent, MaxContent)
            .That(
                MessageType != MessageTypes.Chat || MessageContent is not null,
                "message_content",
                "is required for chatMessage.");
        if (!checks.Ok)
        {
            return null;
        }

        return new InboundEvent
        {
            Channel = new ChannelId(platform, ServerId, ChannelId!),
            Type = MessageType!,
            UserId = UserId!,
            UserName = UserName!,
            UserRole = Roles.TryParse(UserRole, out var role) ? role : Role.Member,
            MessageId = MessageId,
            Text = MessageContent,
            OccurredAt = OccurredAt?.ToUniversalTime() ?? now,
            Payload = Payload,
        };
    }
}

/// <summary>What came of an event.</summary>
internal sealed record EventAnswer(
    Guid EventId,
    string EntityId,
    string SessionId,
    Outcome Outcome,
    Guid? ExecutionId,
    string? Status,
    IReadOnlyList<ModuleResponse> Responses,
    string? Error)
{
    public static EventAnswer Of(Routed r) =>
        new(r.EventId, r.EntityId, r.SessionId, r.Outcome, r.ExecutionId, r.Status, r.Responses, r.Error);
}

internal sealed record BatchRequest(IReadOnlyList<EventRequest>? Events);

/// <summary>One result for each event, in the order of the request.</summary>
internal sealed record BatchAnswer(IReadOnlyList<BatchResult> Results);

/// <param name="Status">The HTTP status the event would have got alone.</param>
internal sealed record BatchResult(int Status, EventAnswer? Result, IReadOnlyList<FieldError>? Errors);
