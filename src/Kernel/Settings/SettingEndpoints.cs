using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Settings;

/// <param name="Value">In the setting's type, or as a text that says the same; null puts the default back.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SettingRequest(JsonElement Value);

internal static class SettingEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var settings = group.MapGroup("/settings").WithTags("settings");
        settings.MapGet("", ListAsync).Needs(Scopes.SettingsRead)
            .WithSummary("Lists every setting of a community, with what is not set at its default.").ProducesProblem(404);
        settings.MapGet("/{scope}/{key}", GetAsync).Needs(Scopes.SettingsRead)
            .WithSummary("Shows one setting.").ProducesProblem(404);
        settings.MapPut("/{scope}/{key}", PutAsync).Needs(Scopes.SettingsWrite)
            .WithSummary("Changes one setting.").ProducesProblem(400).ProducesProblem(404);
        settings.MapDelete("/{scope}/{key}", DeleteAsync).Needs(Scopes.SettingsWrite)
            .WithSummary("Puts one setting back to its default.").ProducesProblem(404);
        settings.MapGet("/history", HistoryAsync).Needs(Scopes.SettingsRead)
            .WithSummary("Lists changes, the latest first.").ProducesProblem(404);
        settings.MapPost("/rollback/{id:long}", RollBackAsync).Needs(Scopes.SettingsWrite)
            .WithSummary("Puts back the value before one change, as a change of its own.")
                .ProducesProblem(404)
                .ProducesProblem(409);
    }

    private static async Task<Results<Ok<Page<SettingView>>, ProblemHttpResult>> ListAsync(
        CommunityQuery query, SettingsStore settings, CommunityStore communities, CancellationToken ct)
    {
        if (await RefuseAsync(query, communities, ct) is { } refused)
        {
            return refused;
        }

        var views = new List<SettingView>();
        foreach (var setting in settings.Known)
        {
            views.Add(await settings.ViewAsync(setting, query.Community!.Value, ct));
        }

        return TypedResults.Ok(new Page<SettingView>(views, null));
    }

    private static async Task<Results<Ok<SettingView>, ProblemHttpResult>> GetAsync(
        string scope, string key, CommunityQuery query, SettingsStore settings, CommunityStore communities,
        CancellationToken ct) =>
        await RefuseAsync(query, communities, ct) is { } refused ? refused
        : settings.Find(scope, key) is { } setting ? TypedResults.Ok(
            await settings.ViewAsync(setting, query.Community!.Value, ct))
        : NotFound(scope, key);

    private static Task<Results<Ok<SettingView>, ProblemHttpResult>> PutAsync(
        string scope, string key, SettingRequest request, CommunityQuery query, Caller caller, SettingsStore settings,
        CommunityStore communities, CancellationToken ct) =>
        SetAsync(scope, key, request.Value, query, caller, settings, communities, ct);

    private static Task<Results<Ok<SettingView>, ProblemHttpResult>> DeleteAsync(
        string scope, string key, CommunityQuery query, Caller caller, SettingsStore settings,
        CommunityStore communities, CancellationToken ct) =>
        SetAsync(scope, key, null, query, caller, settings, communities, ct);

    private static async Task<Results<Ok<SettingView>, ProblemHttpResult>> SetAsync(
        string scope, string key, JsonElement? value, CommunityQuery query, Caller caller, SettingsStore settings,
        CommunityStore communities, CancellationToken ct)
    {
        if (await RefuseAsync(query, communities, ct) is { } refused)
        {
            return refused;
        }

        if (settings.Find(scope, key) is not { } setting)
        {
            return NotFound(scope, key);
        }

        if (value is { ValueKind: JsonValueKind.Undefined })
        {
            return Problems.Invalid("value", "is required; null puts the default back.");
        }

        if (value is { } given && !Checks.Storable(given))
        {
            return Problems.Invalid(
                "value", "contains U+0000 or half of a surrogate pair, which cannot be stored; remove it.");
        }

        return await settings.SetAsync(setting, query.Community!.Value, value, caller.Actor, ct) is { } error
            ? Problems.Invalid("value", error)
            : TypedResults.Ok(await settings.ViewAsync(setting, query.Community.Value, ct));
    }

    private static async Task<Results<Ok<Page<SettingChange>>, ProblemHttpResult>> HistoryAsync(
        string? scope, string? key, CommunityQuery query, PageQuery page, SettingsStore settings,
        CommunityStore communities, CancellationToken ct) =>
        await RefuseAsync(query, communities, ct) is { } refused
            ? refused
            : TypedResults.Ok(
                Page.Of(await settings.HistoryAsync(query.Community!.Value, scope, key, page, ct), page.Limit, c => c.Id));

    private static async Task<Results<Ok<SettingView>, ProblemHttpResult>> RollBackAsync(
        long id, Caller caller, SettingsStore settings, CancellationToken ct)
    {
        // The change says which community it is of; the caller's word is not asked.
        if (await settings.FindChangeAsync(id, ct) is not { } change || !caller.MayAct(change.GuildId))
        {
            return Problems.NotFound($"No change with id {id}.");
        }

        return await settings.RollBackAsync(change, caller.Actor, ct) is { } error
            ? Problems.Conflict(error)
            : TypedResults.Ok(await settings.ViewAsync(settings.Find(change.Scope, change.Key)!, change.GuildId, ct));
    }

    private static async Task<ProblemHttpResult?> RefuseAsync(
        CommunityQuery query, CommunityStore communities, CancellationToken ct) => query.Community switch
        {
            null =>
                Problems.Invalid(
                    "community_id", "is required with a key that is bound to no community: ?community_id=1."),
            { } id when !await communities.ExistsAsync(id, ct) => CommunityEndpoints.NotFound(id),
            _ => null,
        };

    private static ProblemHttpResult NotFound(string scope, string key) =>
        Problems.NotFound($"There is no setting {scope}.{key}; GET /api/v1/settings lists them.");
}
