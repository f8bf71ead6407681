using System.Text.Json.Serialization;
using Npgsql;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Chat;

/// <summary>Looks at every chat message before anything else does, commands included.</summary>
public interface IMessageScreen
{
    /// <summary>Decides about one message. Completes without a wait once the channel's rules are in memory.</summary>
    ValueTask<Verdict> ScreenAsync(InboundEvent message, Entity entity, Member member, CancellationToken ct);

    /// <summary>
    /// Makes verdicts count where their claims hold, as one command of the batch in which they are claimed, so a message counts once,
    /// also when the node dies; null: nothing is to be written.
    /// </summary>
    NpgsqlBatchCommand? Count(IReadOnlyList<Ruling> rulings, InboxClaims claims);
}

/// <param name="Claim">The claim of the message, <see cref="InboxClaim.EventId"/>; null: it has no id, so none is needed.</param>
public sealed record Ruling(Verdict Verdict, DateTimeOffset At, Guid? Claim);

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
