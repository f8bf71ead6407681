using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Modules.Moderation.Matching;
using Rookery.Modules.Moderation.Text;

namespace Rookery.Modules.Moderation.Rules;

/// <param name="EntityId">The channel the text would be said in.</param>
/// <param name="Role">Who would say it: member unless told.</param>
internal sealed record TestRequest(string? EntityId, string? Text, string? Role);

/// <param name="Exempt">Nothing would happen, because of the role.</param>
/// <param name="Rules">Every rule that matches, in the order in which they win.</param>
internal sealed record TestAnswer(string NormalizedText, bool Exempt, IReadOnlyList<TestedRule> Rules);

/// <param name="WouldWin">This is the rule that would act; at most one.</param>
internal sealed record TestedRule(
    long Id, string String, MatchKind MatchType, RuleAction Action, int Priority, IReadOnlyList<TestedSpan> Spans, bool WouldWin);

/// <summary>A place in the text as it was sent, in UTF-16 units.</summary>
internal sealed record TestedSpan(int Start, int Length, string Text);

/// <summary>Says why a message is or is not stopped, without saying it anywhere.</summary>
internal static class TestEndpoint
{
    private const int MaxText = 5000;

    public static void Map(RouteGroupBuilder group) => group.MapPost("/moderation/test", TestAsync)
        .Needs(Scopes.ModerationRead)
            .WithTags("moderation")
            .WithSummary("Tells which rules a text would match, where, and which would act.");

    private static async Task<Results<Ok<TestAnswer>, ProblemHttpResult>> TestAsync(
        TestRequest request, Caller caller, RuleStore store, RuleBooks books, Exemption exemption, CancellationToken ct)
    {
        var checks = new Checks()
            .Text("entity_id", request.EntityId, int.MaxValue)
            .Text("text", request.Text, MaxText, min: 0)
            .That(
                request.Role is null || Roles.TryParse(request.Role, out _),
                "role",
                $"must be one of {string.Join(", ", Roles.All)}.");
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        if (await store.CommunityOfAsync(request.EntityId!, ct) is not { } community || !caller.MayAct(community))
        {
            return Problems.NotFound($"No entity {request.EntityId}.");
        }

        var rules = await books.ForAsync(request.EntityId!, community, ct);
        var exempt = await exemption.CoversAsync(
            Roles.TryParse(request.Role, out var role) ? role : Role.Member, community, ct);
        return TypedResults.Ok(Answer(rules, request.Text!, exempt));
    }

    private static TestAnswer Answer(ActiveRules rules, string text, bool exempt)
    {
        var normal = Normalizer.Trace(text);
        var message = ScreenedText.Of(text);
        var winner = exempt ? null : rules.First(message);
        return new TestAnswer(normal.Text, exempt,
        [
            .. from match in rules.All(message, normal)
               let rule = match.Rule
               select new TestedRule(
                   rule.Id, rule.String, rule.MatchType, rule.Action, rule.Priority,
                   [.. match.Spans.Select(s => new TestedSpan(s.Start, s.Length, text.Substring(s.Start, s.Length)))],
                   ReferenceEquals(rule, winner)),
        ]);
    }
}
