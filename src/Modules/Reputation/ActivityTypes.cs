using Rookery.Kernel.Chat;

namespace Rookery.Modules.Reputation;

/// <summary>What is scored.</summary>
/// <param name="Times">How often its points are given: bits of a cheer, minutes in voice; else once.</param>
internal readonly record struct Scored(ActivityType Type, long Times = 1);

/// <summary>A kind of activity and what it is worth until a community says otherwise.</summary>
/// <param name="Name">As in the tables and in the API, letter by letter.</param>
/// <param name="Points">What it is worth on platforms that <see cref="On"/> does not name.</param>
/// <param name="Unit">What the points are for, when it is not the event: bit or minute.</param>
internal sealed record ActivityType(string Name, decimal Points, string? Unit = null)
{
    public IReadOnlyDictionary<Platform, decimal> On { get; init; } = new Dictionary<Platform, decimal>();

    public decimal PointsOn(Platform platform) => On.TryGetValue(platform, out var points) ? points : Points;
}

internal static class ActivityTypes
{
    /// <summary>What an administrator writes into a score; no event is one.</summary>
    public const string Adjustment = "adjustment";

    private static readonly ActivityType Message = new("message", 5);
    private static readonly ActivityType ThreadMessage = new("thread_message", 6);
    private static readonly ActivityType SlashCommand = new("slash_command", 5) { On = Only(Platform.Discord, 3) };
    private static readonly ActivityType Mention = new("app_mention", 8);
    private static readonly ActivityType Reaction = new("reaction", 2) { On = Only(Platform.Slack, 3) };
    private static readonly ActivityType Joined = new("member_join", 10);
    private static readonly ActivityType Left = new("member_leave", -5);
    private static readonly ActivityType Follow = new("follow", 10);
    private static readonly ActivityType Subscription = new("sub", 50);
    private static readonly ActivityType Resubscription = new("resub", 30);
    private static readonly ActivityType Gift = new("subgift", 60);
    private static readonly ActivityType Cheer = new("cheer", 1, "bit");
    private static readonly ActivityType Raid = new("raid", 30);
    private static readonly ActivityType HypeTrain = new("hypetrain", 25);
    private static readonly ActivityType Boost = new("boost", 100);
    private static readonly ActivityType VoiceJoin = new("voice_join", 8);
    private static readonly ActivityType VoiceTime = new("voice_time", 1, "minute");
    private static readonly ActivityType File = new("file_share", 15);
    private static readonly ActivityType Pin = new("pin", 10);
    private static readonly ActivityType Link = new("link", 5);
    private static readonly ActivityType ChannelCreated = new("channel_created", 25);
    private static readonly ActivityType ThreadCreated = new("thread_create", 15);
    private static readonly ActivityType InviteCreated = new("invite_create", 20);
    private static readonly ActivityType WorkflowStep = new("workflow_step", 20);
    private static readonly ActivityType Emoji = new("emoji", 2);
    private static readonly ActivityType Call = new("call", 12);
    private static readonly ActivityType Ban = new("ban", -50) { On = Only(Platform.Twitch, -10) };
    private static readonly ActivityType Kick = new("kick", -25);
    private static readonly ActivityType TimeOut = new("timeout", -10);
    private static readonly ActivityType Warning = new("warn", -5);

    public static IReadOnlyList<ActivityType> All { get; } =
    [
        Message, ThreadMessage, SlashCommand, Mention, Reaction, Joined, Left, Follow, Subscription, Resubscription, Gift,
        Cheer, Raid, HypeTrain, Boost, VoiceJoin, VoiceTime, File, Pin, Link, ChannelCreated, ThreadCreated,
        InviteCreated, WorkflowStep, Emoji, Call, Ban, Kick, TimeOut, Warning,
    ];

    /// <returns>Null for what is not scored.</returns>
    public static Scored? Of(InboundEvent e) => e.Type switch
    {
        MessageTypes.Chat => new(e.IsInThread ? ThreadMessage : Message),
        MessageTypes.SlashCommand => new(SlashCommand),
        "app_mention" => new(Mention),
        "reaction" when e.Fact is not Reacted { Removed: true } => new(Reaction),
        "member_join" => new(Joined),
        "member_leave" => new(Left),
        "follow" => new(Follow),
        "subscription" or "gift_subscription" => new(Subscription),
        "resub" => new(Resubscription),
        "subgift" => new(Gift),
        "cheer" when e.Fact is Cheered { Bits: > 0 and var bits } => new(Cheer, bits),
        "raid" => new(Raid),
        "hype_train" when e.Fact is HypeTrainMoved { Stage: "begin" } => new(HypeTrain),
        "boost" => new(Boost),
        "voice_join" => new(VoiceJoin),
        "voice_time" when e.Fact is VoiceSpent { Minutes: > 0 and var minutes } => new(VoiceTime, minutes),
        "file_share" => new(File),
        "pin" => new(Pin),
        "link" => new(Link),
        "channel_created" => new(ChannelCreated),
        "thread_create" => new(ThreadCreated),
        "invite_create" => new(InviteCreated),
        "workflow_step" => new(WorkflowStep),
        "emoji" => new(Emoji),
        "call" => new(Call),
        "ban" => new(Ban),
        "kick" => new(Kick),
        "timeout" => new(TimeOut),
        "warn" => new(Warning),
        _ => null,
    };

    /// <summary>The platform's account for those who do not want to be named stands for nobody.</summary>
    public static bool IsNobody(InboundEvent e) =>
        e.Fact is Cheered { IsAnonymous: true } or SubscriptionsGiven { IsAnonymous: true };

    private static Dictionary<Platform, decimal> Only(Platform platform, decimal points) => new() { [platform] = points };
}
