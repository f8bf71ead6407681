using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

[Description("Starts when somebody types a command. Gives username, user_id, user_role, platform, channel, message, args and text.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CommandTrigger : TriggerNode
{
    [Description("The word after the !, such as hello.")]
    public string? CommandPattern { get; set; }

    [Description("Other words for it.")]
    public IReadOnlyList<string> Aliases { get; set; } = [];

    [Description("Where it works: discord, twitch, slack, sandbox. None named is all.")]
    public IReadOnlyList<string> Platforms { get; set; } = [];

    [Description("channel: only where the workflow belongs, which is what holds when nothing is said. community: in every channel of its community.")]
    public string? Scope { get; set; }

    [Description("The least role that may call it: member, vip, subscriber, moderator, admin or owner.")]
    public string RequirePermission { get; set; } = "member";

    [Description("Only moderators and above.")]
    public bool RequireMod { get; set; }

    [Description("Only the owner.")]
    public bool RequireBotOwner { get; set; }

    [Description("Seconds between two calls of anybody.")]
    [Range(0, 86_400)]
    public int CooldownSeconds { get; set; }

    [Description("Seconds between two calls of one member.")]
    [Range(0, 86_400)]
    public int UserCooldownSeconds { get; set; }

    [Description("Characters the text after the command must have at least.")]
    [Range(0, 2000)]
    public int MessageMinLength { get; set; }

    [Description("Whether Hello is another command than hello.")]
    public bool CaseSensitive { get; set; }

    [JsonIgnore]
    public override string TriggerType => "command";

    [JsonIgnore]
    public bool IsOfCommunity => Scope == TriggerScopes.Community;

    [JsonIgnore]
    public Role MinRole => RequireBotOwner ? Role.Owner
        : Roles.TryParse(RequirePermission, out var role) && (role > Role.Moderator || !RequireMod) ? role
        : RequireMod ? Role.Moderator
        : Role.Member;

    public override void Bind(Binder binder)
    {
        binder.That(IsWord(CommandPattern), "command_pattern", "bad_command", "must be one word of at most 100 characters, without its !.")
            .OneOf("require_permission", RequirePermission, Roles.All)
            .OneOf("scope", Scope ?? TriggerScopes.Channel, TriggerScopes.All);
        for (var i = 0; i < Aliases.Count; i++)
        {
            binder.That(IsWord(Aliases[i]), $"aliases[{i}]", "bad_command", "must be one word of at most 100 characters, without its !.");
        }

        PlatformNames.Check(binder, Platforms);
    }

    private static bool IsWord(string? word) => word is { Length: > 0 and <= 100 } && word[0] is not ('!' or '#') && !word.Any(char.IsWhiteSpace);
}

[Description("Starts when something happens, such as a raid or a follow. Gives event_type, username, user_id, platform, channel, message and event.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EventTrigger : TriggerNode
{
    [Description("What happens: one of the event types, such as raid, follow, member_join or chatMessage.")]
    public string? EventType { get; set; }

    [Description("Where: discord, twitch, slack, sandbox. None named is all.")]
    public IReadOnlyList<string> Platforms { get; set; } = [];

    [Description("channel: only where the workflow belongs. community: in every channel of its community. When nothing is said: channel for what is written, community for all else.")]
    public string? Scope { get; set; }

    [Description("Expressions that must all hold, such as event.viewers >= 10. They know the workflow's global_variables, too.")]
    public IReadOnlyList<string?> EventFilters { get; set; } = [];

    [JsonIgnore]
    public override string TriggerType => "event";

    [JsonIgnore]
    public bool IsOfCommunity => Scope is null ? EventType is not (MessageTypes.Chat or MessageTypes.SlashCommand) : Scope == TriggerScopes.Community;

    [JsonIgnore]
    public IReadOnlyList<Field<Template>> Filters { get; private set; } = [];

    public override void Bind(Binder binder)
    {
        binder.That(EventType is not null && MessageTypes.All.Contains(EventType), "event_type", "unknown_event", $"must be one of {string.Join(", ", MessageTypes.All.Order(StringComparer.Ordinal))}.");
        PlatformNames.Check(binder, Platforms);
        binder.OneOf("scope", Scope ?? TriggerScopes.Channel, TriggerScopes.All);
        Filters = [.. EventFilters.Select((f, i) => binder.Expression($"event_filters[{i}]", f))];
    }
}

[Description("Starts when a program calls the workflow's web address. Gives payload, headers and query.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WebhookTrigger : TriggerNode
{
    public const string Accepted = "accepted";
    public const string Finished = "finished";

    [Description("accepted: the caller is answered at once. finished: with what the run gives out, if that takes less than 25 seconds.")]
    public string Respond { get; set; } = Accepted;

    [JsonIgnore]
    public override string TriggerType => "webhook";

    public override void Bind(Binder binder) => binder.OneOf("respond", Respond, [Accepted, Finished]);
}

[Description("Starts at set times, which the workflow's schedules say. Gives scheduled_time, triggered_at, schedule_id and the schedule's own data.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScheduleTrigger : TriggerNode
{
    [JsonIgnore]
    public override string TriggerType => "schedule";
}

/// <summary>Where a trigger listens.</summary>
internal static class TriggerScopes
{
    public const string Channel = "channel";
    public const string Community = "community";

    public static IReadOnlyList<string> All { get; } = [Channel, Community];
}

internal static class PlatformNames
{
    public static void Check(Binder binder, IReadOnlyList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            binder.That(Kernel.Chat.Platforms.TryParse(names[i], out _), $"platforms[{i}]", "unknown_platform", "must be discord, twitch, slack or sandbox.");
        }
    }
}
