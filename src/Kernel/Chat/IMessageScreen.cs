using System.Text.Json.Serialization;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Chat;

/// <summary>Looks at every chat message before anything else does, commands included.</summary>
public interface IMessageScreen
{
    /// <summary>Decides about one message. Completes without a wait once the channel's rules are in memory.</summary>
    ValueTask<Verdict> ScreenAsync(InboundEvent message, Entity entity, Member member, CancellationToken ct);

    /// <summary>Makes a verdict count, durably, together with what else the event does.</summary>
    ValueTask RecordAsync(Verdict verdict, Entity entity, DateTimeOffset at, CancellationToken ct);
}

[JsonConverter(typeof(SnakeCase<VerdictKind>))]
public enum VerdictKind
{
    Pass,

    /// <summary>The member is told; the message stands.</summary>
    Warn,

    /// <summary>The message is to be deleted and goes no further.</summary>
    Block,

    /// <summary>The message stands and a command runs for it.</summary>
    Command,

    /// <summary>The message stands and a URL is told.</summary>
    Webhook,
}

/// <param name="RuleId"><c>stringmatch.id</c> of the rule that fired; 0 for <see cref="VerdictKind.Pass"/>.</param>
/// <param name="Text">What to tell the member, or the command line to run (with its prefix).</param>
/// <param name="Url">Where a <see cref="VerdictKind.Webhook"/> goes.</param>
public sealed record Verdict(
    VerdictKind Kind,
    long RuleId = 0,
    string? Pattern = null,
    string? MatchType = null,
    string? Text = null,
    Uri? Url = null)
{
    public static Verdict Pass { get; } = new(VerdictKind.Pass);
}
