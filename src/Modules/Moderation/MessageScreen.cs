using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Modules.Moderation.Matching;
using Rookery.Modules.Moderation.Rules;

namespace Rookery.Modules.Moderation;

/// <summary>
/// Puts every message to the rules of its channel. The first that matches decides, if the member is not exempt.
/// </summary>
internal sealed class MessageScreen(RuleBooks books, Exemption exemption) : IMessageScreen
{
    public ValueTask<Verdict> ScreenAsync(InboundEvent message, Entity entity, Member member, CancellationToken ct)
    {
        var rules = books.ForAsync(entity.EntityId, entity.CommunityId, ct);
        if (!rules.IsCompletedSuccessfully)
        {
            return WaitAsync(rules, message, entity, member, ct);
        }

        return rules.Result.First(ScreenedText.Of(message.Text!)) is { } rule
            ? DecideAsync(rule, entity, member, ct)
            : new(Verdict.Pass);
    }

    /// <summary>Appends matches; <see cref="FoldMatches"/> adds them up.</summary>
    public NpgsqlBatchCommand Count(IReadOnlyList<Ruling> rulings, InboxClaims claims) => new(
        """
        insert into moderation.match_deltas (rule_id, matches, last_matched)
        select m.rule_id, count(*), max(m.at)
        from (
            select unnest($1::bigint[]) as rule_id, unnest($2::timestamptz[]) as at, unnest($3::uuid[]) as claim) m
        where m.claim is null or m.claim in (select event_id from kernel.inbox where event_key = any($4) and received_on = $5)
        group by 1
        """)
    {
        Parameters =
        {
            Rows.Array(rulings, r => r.Verdict.RuleId),
            Rows.Array(rulings, r => r.At),
            Rows.Array(rulings, r => r.Claim),
            new NpgsqlParameter<string[]> { TypedValue = claims.Keys },
            new NpgsqlParameter<DateOnly> { TypedValue = claims.Today },
        },
    };

    private async ValueTask<Verdict> WaitAsync(
        ValueTask<ActiveRules> rules, InboundEvent message, Entity entity, Member member, CancellationToken ct) =>
        (await rules).First(ScreenedText.Of(message.Text!)) is { } rule
            ? await DecideAsync(rule, entity, member, ct)
            : Verdict.Pass;

    private async ValueTask<Verdict> DecideAsync(Rule rule, Entity entity, Member member, CancellationToken ct) =>
        await exemption.CoversAsync(member.Role, entity.CommunityId, ct) ? Verdict.Pass : rule.Verdict;
}
