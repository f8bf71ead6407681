using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;

namespace Rookery.Kernel.Delivery;

/// <summary>Carries actions to one platform. Keeps that platform's rate limits; never decides what to say.</summary>
public interface ISender
{
    /// <summary>A platform's name, or <c>webhook</c>.</summary>
    string Name { get; }

    /// <summary>Does the action once. The key lets a platform that can tell repeats drop them.</summary>
    ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct);
}

/// <summary>Which action it is that is to be done, and whether it may have been done before.</summary>
/// <param name="Key">The same for the same action, however often it is tried.</param>
/// <param name="InDoubtSince">
/// Null: it was not done. Else it may have been, or a part of it, at some time since then: who can look, looks first.
/// </param>
public readonly record struct ActionKey(string Key, DateTimeOffset? InDoubtSince = null)
{
    public static implicit operator ActionKey(string key) => new(key);

    /// <summary>Whether a key is that of an answer to what somebody just said: late or twice it is worse than never.</summary>
    public static bool IsReply(string key) => key.StartsWith("reply:", StringComparison.Ordinal);
}

/// <summary>What became of an attempt.</summary>
/// <param name="PlatformMessageId">The platform's id of what was made, where it tells one.</param>
/// <param name="Error">Null on success; else what went wrong, for the operator.</param>
/// <param name="RetryAfter">On failure: null when trying again is pointless, else how long to wait at least.</param>
public sealed record Sent(string? PlatformMessageId, string? Error = null, TimeSpan? RetryAfter = null)
{
    public bool Ok => Error is null;

    /// <summary>On failure: the action may have been done all the same, or a part of it was.</summary>
    public bool MayStand { get; init; }

    public static Sent Failed(string error) => new(null, error);

    public static Sent TryAgain(string error, TimeSpan after) => new(null, error, after);
}

/// <summary>Something to do on a platform; stored as JSON in <c>kernel.outbox.action</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SendMessage), "send_message")]
[JsonDerivedType(typeof(SendDirectMessage), "send_direct_message")]
[JsonDerivedType(typeof(EditMessage), "edit_message")]
[JsonDerivedType(typeof(DeleteMessage), "delete_message")]
[JsonDerivedType(typeof(RestrictMember), "restrict_member")]
[JsonDerivedType(typeof(SetMemberRole), "set_member_role")]
[JsonDerivedType(typeof(CallWebhook), "call_webhook")]
public abstract record OutboundAction;

/// <summary>Says something in a channel.</summary>
/// <param name="Channel">Not in the JSON where the row of the outbox names it.</param>
/// <param name="MentionUserId">Whom to address, in the platform's own way.</param>
/// <param name="ReplyTo">The platform id of the message this answers.</param>
/// <param name="ReplyHandle">As it came with the event: see <see cref="InboundEvent.ReplyHandle"/>.</param>
/// <param name="NotAfter">
/// Set for an answer to what somebody just said: not worth saying later than this, and never said twice.
/// </param>
/// <param name="MentionRoleId">The only role that a mention in the text may ring.</param>
public sealed record SendMessage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ChannelId Channel,
    ModuleResponse Response,
    string? MentionUserId = null,
    string? MentionName = null,
    string? ReplyTo = null,
    string? ReplyHandle = null,
    DateTimeOffset? NotAfter = null,
    string? MentionRoleId = null) : OutboundAction;

/// <summary>Changes a message of the bot's own; it rings nobody. A message that is gone is left so, and that is a failure.</summary>
/// <param name="MessageId">As it came from the sending of its only part.</param>
public sealed record EditMessage(ChannelId Channel, string MessageId, ModuleResponse Response) : OutboundAction;

/// <summary>Says something to one person, where nobody else sees it. Who cannot be written to is a failure for good.</summary>
/// <param name="Server">The Slack workspace through which the person is reached; other platforms need none.</param>
/// <param name="UserId">The platform's own id of the account.</param>
public sealed record SendDirectMessage(Platform Platform, string? Server, string UserId, ModuleResponse Response) : OutboundAction
{
    /// <summary>Through the bot of the place where a channel is.</summary>
    public static SendDirectMessage From(ChannelId channel, string userId, ModuleResponse response) =>
        new(channel.Platform, channel.Server, userId, response);
}

/// <summary>Removes somebody's message.</summary>
public sealed record DeleteMessage(ChannelId Channel, string MessageId, string Reason) : OutboundAction;

/// <summary>Keeps somebody from talking or staying.</summary>
/// <param name="For">How long a timeout lasts; null for the others.</param>
public sealed record RestrictMember(
    ChannelId Channel, string UserId, Restriction Restriction, TimeSpan? For, string Reason) : OutboundAction;

/// <summary>
/// Gives somebody a role of a server, or takes it away; twice is as once. Who is not in the server has none of its roles, so
/// taking one from them is done.
/// </summary>
/// <param name="Has">Whether they are to have it.</param>
/// <param name="Reason">For the server's own log.</param>
public sealed record SetMemberRole(
    Platform Platform, string Server, string UserId, string RoleId, bool Has, string Reason) : OutboundAction;

/// <summary>Posts JSON to a URL, through the guarded client.</summary>
public sealed record CallWebhook(Uri Url, string Body, IReadOnlyDictionary<string, string> Headers) : OutboundAction;
