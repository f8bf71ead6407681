using System.Text.Json;

namespace Rookery.Kernel.Chat;

/// <summary>
/// Something that happened on a platform, decoded. A chat message is one whose type is <see cref="MessageTypes.Chat"/>.
/// </summary>
public sealed record InboundEvent
{
    public required ChannelId Channel { get; init; }

    /// <summary>One of <see cref="MessageTypes.All"/>.</summary>
    public required string Type { get; init; }

    public required string UserId { get; init; }

    public required string UserName { get; init; }

    /// <summary>The role the platform vouches for (badges, guild permissions).</summary>
    public Role UserRole { get; init; }

    /// <summary>The platform's own id of the event, by which a repeat is known. Null: repeats cannot be told.</summary>
    public string? MessageId { get; init; }

    /// <summary>Its id in <c>{platform}_events</c>, where that is another than <see cref="MessageId"/>.</summary>
    public string? StoredId { get; init; }

    /// <summary>What was said; null for an event that says nothing.</summary>
    public string? Text { get; init; }

    /// <summary>It answers in a thread, on platforms that have them and say so.</summary>
    public bool IsInThread { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>What happened, for an event that is no talk.</summary>
    public Fact? Fact { get; init; }

    /// <summary>What else the platform told, as it told it.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>
    /// Where an answer belongs, for the platform's sender alone: a thread, or the token of an interaction. Null: the channel.
    /// It may be stored: what is secret in it is sealed.
    /// </summary>
    public string? ReplyHandle { get; init; }

    /// <summary>Who brings the answer to the channel.</summary>
    public ReplyPath ReplyPath { get; init; }
}

public enum ReplyPath
{
    /// <summary>The answer is returned to whoever handed the event in, and that is all.</summary>
    Caller,

    /// <summary>The answer is sent to the channel by the platform's <see cref="Delivery.ISender"/>.</summary>
    Sender,
}
