using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Reputation;

/// <summary>What one kind of activity is worth in a community.</summary>
/// <param name="Points">The community's own; null: by default.</param>
/// <param name="Per">What the points are for: event, bit or minute.</param>
/// <param name="Defaults">By platform.</param>
internal sealed record ScoringView(
    string ActivityType, decimal? Points, bool Enabled, string Per, IReadOnlyDictionary<string, decimal> Defaults);

internal sealed record ScoringList(IReadOnlyList<ScoringView> Items);

/// <param name="Points">For one event, bit or minute. At most two decimals.</param>
/// <param name="Enabled">False: it is not scored; then the points may be left out.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScoringItem(string? ActivityType, decimal? Points, bool? Enabled);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScoringRequest(IReadOnlyList<ScoringItem>? Items);

internal static class ScoringEndpoints
{
    private const int MaxPoints = 10_000;

    public static string Names { get; } = string.Join(", ", ActivityTypes.All.Select(t => t.Name));

    public static void Map(RouteGroupBuilder group)
    {
        var scoring = group.WithTags("reputation");
        scoring.MapGet("/scoring", GetAsync).Needs(Scopes.ReputationRead)
            .WithSummary("Lists what activities are worth.");
        scoring.MapPut("/scoring", PutAsync).Needs(Scopes.ReputationWrite)
            .WithSummary("Sets what activities are worth; those that are not named go back to their default.")
            .ProducesProblem(400).ProducesProblem(404);
    }

    /// <summary>Letter by letter: a name in another case is another name.</summary>
    public static bool Knows(string name) => ActivityTypes.All.Any(t => t.Name == name);

    private static async Task<Ok<ScoringList>> GetAsync(long community_id, ScoringStore store, CancellationToken ct) =>
        TypedResults.Ok(await ListAsync(community_id, store, ct));

    private static async Task<Results<Ok<ScoringList>, ProblemHttpResult>> PutAsync(
        long community_id, ScoringRequest request, Caller caller, ScoringStore store, CancellationToken ct)
    {
        if (Check(request) is { Ok: false } wrong)
        {
            return wrong.Problem();
        }

        var scores = request.Items!.Select(i => new Override(i.ActivityType!, i.Points ?? 0, i.Enabled ?? true)).ToList();
        await store.PutAsync(community_id, scores, caller.Actor, ct);
        return TypedResults.Ok(await ListAsync(community_id, store, ct));
    }

    private static Checks Check(ScoringRequest request)
    {
        var checks = new Checks().That(request.Items is not null, "items", "is required; an empty list means the defaults.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (item, at) in (request.Items ?? []).Select((item, i) => (item, FormattableString.Invariant($"items[{i}]"))))
        {
            checks
                .That(item.ActivityType is { } type && Knows(type), $"{at}.activity_type", $"must be one of {Names}, letter by letter.")
                .That(item.ActivityType is not { } name || seen.Add(name), $"{at}.activity_type", "is named twice; name it once.")
                .That(item.Points is not null || item.Enabled == false, $"{at}.points", "is required unless enabled is false.")
                .That(item.Points is null or (>= -MaxPoints and <= MaxPoints), $"{at}.points", $"must be from -{MaxPoints} to {MaxPoints}.")
                .That(ReputationEndpoints.HasCents(item.Points), $"{at}.points", "must have at most two decimals.");
        }

        return checks;
    }

    private static async Task<ScoringList> ListAsync(long community, ScoringStore store, CancellationToken ct)
    {
        var own = await store.OfAsync(community, ct);
        return new ScoringList([.. ActivityTypes.All.Select(t => new ScoringView(
            t.Name,
            own.GetValueOrDefault(t.Name)?.Points,
            own.GetValueOrDefault(t.Name)?.Enabled ?? true,
            t.Unit ?? "event",
            Platforms.All.ToDictionary(p => p, p => t.PointsOn(Platforms.Parse(p)), StringComparer.Ordinal)))]);
    }
}
