using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Reputation;

/// <param name="Points">What is added to the score; negative takes away. At most two decimals.</param>
/// <param name="Reason">Why; it stands in the member's history.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AdjustScore(decimal? Points, string? Reason, string? UserName);

internal static class ReputationEndpoints
{
    private const int MaxId = 255;
    private const int MaxReason = 500;
    private const int MaxPoints = 1_000_000;
    private const int MaxLeaders = 100;
    private const int MaxDays = 90;

    public static void Map(RouteGroupBuilder group)
    {
        var reputation = group.WithTags("reputation");
        reputation.MapGet("/members/{platform}/{user_id}", GetAsync).Needs(Scopes.ReputationRead)
            .WithSummary("Shows a member's score and rank.").ProducesProblem(404);
        reputation.MapPost("/members/{platform}/{user_id}/adjustments", AdjustAsync).Needs(Scopes.ReputationWrite)
            .WithSummary("Adds to a member's score by hand, or takes from it.").ProducesProblem(400).ProducesProblem(404);
        reputation.MapGet("/leaderboard", LeadersAsync).Needs(Scopes.ReputationRead)
            .WithSummary("Lists the highest scores, 10 unless ?limit says otherwise, 100 at most.").ProducesProblem(400);
        reputation.MapGet("/events", EventsAsync).Needs(Scopes.ReputationRead)
            .WithSummary("Lists what was scored, newest first.").ProducesProblem(400);
        reputation.MapGet("/stats", StatsAsync).Needs(Scopes.ReputationRead)
            .WithSummary("Sums scores up, and what was scored in the last ?days (7 unless told).").ProducesProblem(400);
    }

    private static async Task<Results<Ok<Standing>, ProblemHttpResult>> GetAsync(
        long community_id, string platform, string user_id, ScoreStore store, CancellationToken ct)
    {
        var user = RouteText.Decode(user_id);
        return Platforms.TryParse(platform, out var p) && await store.FindAsync(community_id, p, user, ct) is { } found
            ? TypedResults.Ok(found)
            : Problems.NotFound($"{platform}:{user} has no score in community {community_id}.");
    }

    private static async Task<Results<Ok<ScoreEvent>, ProblemHttpResult>> AdjustAsync(
        long community_id, string platform, string user_id, AdjustScore request, Caller caller, ScoreStore store,
        CancellationToken ct)
    {
        var user = RouteText.Decode(user_id);
        var checks = CheckMember(new Checks(), platform, user, out var p)
            .That(request.Points is not null and not 0, "points", "must be a number other than 0.")
            .That(Math.Abs(request.Points ?? 0) <= MaxPoints, "points", $"must be from -{MaxPoints} to {MaxPoints}.")
            .That(HasCents(request.Points), "points", "must have at most two decimals.")
            .Text("reason", request.Reason, MaxReason)
            .Optional("user_name", request.UserName, MaxId);
        return checks.Ok
            ? TypedResults.Ok(await store.AdjustAsync(
                community_id, p, user, request.UserName, request.Points!.Value, request.Reason!, caller.Actor, ct))
            : checks.Problem();
    }

    private static async Task<Results<Ok<Leaderboard>, ProblemHttpResult>> LeadersAsync(
        long community_id, int? limit, ScoreStore store, CancellationToken ct) => limit is < 1 or > MaxLeaders
        ? Problems.Invalid("limit", $"must be from 1 to {MaxLeaders}.")
        : TypedResults.Ok(new Leaderboard(await store.LeadersAsync(community_id, limit ?? 10, ct)));

    private static async Task<Results<Ok<Page<ScoreEvent>>, ProblemHttpResult>> EventsAsync(
        long community_id, string? platform, string? user_id, string? activity_type, PageQuery page, ScoreStore store,
        CancellationToken ct)
    {
        var known = Platforms.TryParse(platform, out var p);
        var checks = new Checks()
            .That(known || platform is null, "platform", $"must be one of {string.Join(", ", Platforms.All)}.")
            .That(known || user_id is null, "user_id", "needs the platform beside it, for ids of two platforms may be alike.")
            .Optional("user_id", user_id, MaxId)
            .That(
                activity_type is null or ActivityTypes.Adjustment || ScoringEndpoints.Knows(activity_type),
                "activity_type",
                $"must be {ActivityTypes.Adjustment} or one of {ScoringEndpoints.Names}.");
        return checks.Ok
            ? TypedResults.Ok(Page.Of(
                await store.EventsAsync(community_id, known ? p : null, user_id, activity_type, page, ct), page.Limit, e => e.Id))
            : checks.Problem();
    }

    private static async Task<Results<Ok<ReputationStats>, ProblemHttpResult>> StatsAsync(
        long community_id, int? days, ScoreStore store, CancellationToken ct) => days is < 1 or > MaxDays
        ? Problems.Invalid("days", $"must be from 1 to {MaxDays}.")
        : TypedResults.Ok(await store.StatsAsync(community_id, days ?? 7, ct));

    /// <summary>Scores are kept in hundredths.</summary>
    internal static bool HasCents(decimal? points) => points is not { } p || decimal.Round(p, 2) == p;

    private static Checks CheckMember(Checks checks, string platform, string user, out Platform known) => checks
        .That(Platforms.TryParse(platform, out known), "platform", $"must be one of {string.Join(", ", Platforms.All)}.")
        .Text("user_id", user, MaxId);
}
