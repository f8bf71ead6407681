using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Moderation.Rules;

[JsonConverter(typeof(SnakeCase<MatchKind>))]
internal enum MatchKind
{
    /// <summary>The whole message, white space around it aside.</summary>
    Exact,

    /// <summary>Anywhere in the message.</summary>
    Contains,

    /// <summary>Anywhere, but not as a part of a longer word.</summary>
    Word,

    /// <summary>A regular expression found anywhere in the message.</summary>
    Regex,
}

[JsonConverter(typeof(SnakeCase<RuleAction>))]
internal enum RuleAction
{
    Warn,
    Block,
    Command,
    Webhook,
}

/// <summary>What matching needs to know of a row of <c>stringmatch</c>.</summary>
/// <param name="String">What to look for; <see cref="Everything"/> is every message.</param>
/// <param name="Normalize">Disguises are undone before looking.</param>
/// <param name="Priority">Lower goes first; of equals the older rule.</param>
/// <param name="EntityIds">Where it holds; empty: everywhere in its community.</param>
/// <param name="Verdict">What is decided when it matches.</param>
internal sealed record Rule(
    long Id,
    string String,
    MatchKind MatchType,
    bool CaseSensitive,
    bool Normalize,
    int Priority,
    RuleAction Action,
    IReadOnlyList<string> EntityIds,
    Verdict Verdict)
{
    public const string Everything = "*";

    /// <summary>True when this rule comes before the other where both match.</summary>
    public bool Precedes(Rule other) => Priority != other.Priority ? Priority < other.Priority : Id < other.Id;
}
