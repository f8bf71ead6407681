using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Modules.Moderation.Matching;
using Rookery.Modules.Moderation.Rules;

namespace Rookery.Modules.Moderation;

/// <summary>
/// Puts every message to the rules of its channel. The first that matches decides, if the member is not exempt.
/// </summary>
internal sealed class MessageScreen(RuleBooks books, MatchCounts counts, Exemption exemption) : IMessageScreen
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

    public async ValueTask RecordAsync(Verdict verdict, Entity entity, DateTimeOffset at, CancellationToken ct) =>
        await counts.AddAsync(verdict.RuleId, at).WaitAsync(ct);

    private async ValueTask<Verdict> WaitAsync(
        ValueTask<ActiveRules> rules, InboundEvent message, Entity entity, Member member, CancellationToken ct) =>
        (await rules).First(ScreenedText.Of(message.Text!)) is { } rule
            ? await DecideAsync(rule, entity, member, ct)
            : Verdict.Pass;

    private async ValueTask<Verdict> DecideAsync(Rule rule, Entity entity, Member member, CancellationToken ct) =>
        await exemption.CoversAsync(member.Role, entity.CommunityId, ct) ? Verdict.Pass : rule.Verdict;
}
