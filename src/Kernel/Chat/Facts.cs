using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Chat;

/// <summary>
/// What happened besides talk, in the same words on every platform. The one who did it, or to whom it was done, is the
/// event's user; its kind is the event's type.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(Followed), "followed")]
[JsonDerivedType(typeof(Subscribed), "subscribed")]
[JsonDerivedType(typeof(SubscriptionsGiven), "subscriptions_given")]
[JsonDerivedType(typeof(Cheered), "cheered")]
[JsonDerivedType(typeof(Raided), "raided")]
[JsonDerivedType(typeof(StreamStarted), "stream_started")]
[JsonDerivedType(typeof(StreamEnded), "stream_ended")]
[JsonDerivedType(typeof(ChannelUpdated), "channel_updated")]
[JsonDerivedType(typeof(Redeemed), "redeemed")]
[JsonDerivedType(typeof(HypeTrainMoved), "hype_train_moved")]
[JsonDerivedType(typeof(Restricted), "restricted")]
[JsonDerivedType(typeof(Pardoned), "pardoned")]
[JsonDerivedType(typeof(RoleChanged), "role_changed")]
[JsonDerivedType(typeof(Reacted), "reacted")]
[JsonDerivedType(typeof(MemberJoined), "member_joined")]
[JsonDerivedType(typeof(MemberLeft), "member_left")]
[JsonDerivedType(typeof(VoiceMoved), "voice_moved")]
[JsonDerivedType(typeof(VoiceSpent), "voice_spent")]
[JsonDerivedType(typeof(Boosted), "boosted")]
[JsonDerivedType(typeof(MessageEdited), "message_edited")]
[JsonDerivedType(typeof(MessageDeleted), "message_deleted")]
[JsonDerivedType(typeof(FileShared), "file_shared")]
[JsonDerivedType(typeof(Interacted), "interacted")]
[JsonDerivedType(typeof(ServerJoined), "server_joined")]
[JsonDerivedType(typeof(ServerLeft), "server_left")]
public abstract record Fact;

public sealed record Followed : Fact;

/// <param name="Tier">1, 2 or 3; prime counts as 1.</param>
/// <param name="Months">Months in total, this one included; 1 for a first subscription.</param>
/// <param name="IsGift">Somebody else paid.</param>
public sealed record Subscribed(int Tier, int Months, bool IsGift, string? Text = null) : Fact;

/// <summary>The event's user gave them; null name and id of the event mean nobody said who.</summary>
public sealed record SubscriptionsGiven(int Count, int Tier, bool IsAnonymous) : Fact;

public sealed record Cheered(int Bits, bool IsAnonymous) : Fact;

/// <summary>The event's user came with so many viewers.</summary>
public sealed record Raided(int Viewers) : Fact;

/// <param name="StreamId">The platform's id of this broadcast.</param>
public sealed record StreamStarted(string StreamId, DateTimeOffset StartedAt) : Fact;

public sealed record StreamEnded : Fact;

public sealed record ChannelUpdated(string Title, string CategoryId, string Category, string Language) : Fact;

/// <summary>Channel points were spent.</summary>
public sealed record Redeemed(string RedemptionId, string RewardId, string Reward, int Cost, string? Input) : Fact;

/// <param name="Stage">begin, progress or end.</param>
public sealed record HypeTrainMoved(string Stage, int Level, int Total) : Fact;

/// <summary>Somebody may not talk or not stay.</summary>
/// <param name="Until">When it ends by itself; null: never, or at once for a kick.</param>
/// <param name="ById">The moderator's user id, where the platform tells.</param>
public sealed record Restricted(Restriction Restriction, DateTimeOffset? Until, string? Reason, string? ById) : Fact;

/// <summary>A ban or timeout was taken back.</summary>
public sealed record Pardoned(Restriction Restriction, string? ById) : Fact;

[JsonConverter(typeof(SnakeCase<Restriction>))]
public enum Restriction
{
    Warn,
    Timeout,
    Kick,
    Ban,
}

public sealed record RoleChanged(Role Role, bool Granted) : Fact;

public sealed record Reacted(string MessageId, string Reaction, bool Removed) : Fact;

public sealed record MemberJoined : Fact;

public sealed record MemberLeft : Fact;

/// <param name="VoiceChannel">Where the member is now; null: in none.</param>
public sealed record VoiceMoved(string? VoiceChannel) : Fact;

/// <summary>Whole minutes spent in a voice channel since they were last told.</summary>
public sealed record VoiceSpent(string VoiceChannel, int Minutes) : Fact;

public sealed record Boosted : Fact;

public sealed record MessageEdited(string MessageId, string? Text) : Fact;

public sealed record MessageDeleted(string MessageId) : Fact;

public sealed record FileShared(string FileId, string? Name) : Fact;

/// <summary>A button was pressed, something chosen, or a form filled in.</summary>
/// <param name="CustomId"><c>module:action:id</c>, as the module that made the component wrote it.</param>
/// <param name="Values">What was chosen; for a form its fields as <c>name=value</c>.</param>
public sealed record Interacted(string CustomId, IReadOnlyList<string> Values) : Fact;

/// <summary>The bot was let into a server.</summary>
public sealed record ServerJoined(string Name, string? OwnerId) : Fact;

/// <summary>The bot was put out of a server, or the server is gone.</summary>
public sealed record ServerLeft : Fact;
