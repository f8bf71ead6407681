using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Router.Permissions;

/// <param name="Config">Handed to the command's handler; an object of at most 16 KiB.</param>
/// <param name="Permissions">Who may call it; see the fields.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PermissionRequest(bool? IsEnabled, JsonElement? Config, PermissionRules? Permissions);

/// <summary>What a channel allows.</summary>
internal static class PermissionEndpoints
{
    private const int MaxConfig = 16 * 1024;
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    public static void Map(RouteGroupBuilder group)
    {
        var permissions = group.MapGroup("/entities/{entity_id}/permissions").WithTags("permissions");
        permissions.MapGet("", ListAsync).Needs(Scopes.CommandsRead)
            .WithSummary("Lists every active command with what the channel says about it.").ProducesProblem(404);
        permissions.MapGet("/{command_id:long}", GetAsync).Needs(Scopes.CommandsRead)
            .WithSummary("Shows what the channel says about one command.").ProducesProblem(404);
        permissions.MapPut("/{command_id:long}", PutAsync).Needs(Scopes.CommandsWrite)
            .WithSummary("Says all of it: is_enabled is needed, config and permissions are empty when left out.")
                .ProducesProblem(400)
                .ProducesProblem(404);
        permissions.MapPatch("/{command_id:long}", PatchAsync).Needs(Scopes.CommandsWrite)
            .WithSummary("Changes what the body names.").ProducesProblem(400).ProducesProblem(404);
        permissions.MapDelete("/{command_id:long}", DeleteAsync).Needs(Scopes.CommandsWrite)
            .WithSummary("Puts the default back: core commands on, others off, for everybody their role allows.").ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<PermissionView>>, ProblemHttpResult>> ListAsync(
        string entity_id, PageQuery page, Caller caller, EntityDirectory directory, PermissionStore store,
        CancellationToken ct) =>
        await FindAsync(entity_id, caller, directory, ct) is { } entity
            ? TypedResults.Ok(Page.Of(await store.ListAsync(entity, page, ct), page.Limit, p => p.CommandId))
            : NoEntity(entity_id);

    private static async Task<Results<Ok<PermissionView>, ProblemHttpResult>> GetAsync(
        string entity_id, long command_id, Caller caller, EntityDirectory directory, PermissionStore store,
        CancellationToken ct) =>
        await FindAsync(entity_id, caller, directory, ct) is not { } entity ? NoEntity(entity_id)
        : await store.FindAsync(entity, command_id, ct) is { } found ? TypedResults.Ok(found)
        : NoCommand(command_id);

    private static Task<Results<Ok<PermissionView>, ProblemHttpResult>> PutAsync(
        string entity_id, long command_id, PermissionRequest request, Caller caller, EntityDirectory directory,
        PermissionStore store, PermissionTable table, CancellationToken ct)
    {
        var checks = new Checks().That(
            request.IsEnabled is not null, "is_enabled", "is required with PUT; PATCH changes single fields.");
        var whole =
            request with { Config = request.Config ?? Nothing, Permissions = request.Permissions ?? new PermissionRules() };
        return SetAsync(entity_id, command_id, whole, checks, caller, directory, store, table, ct);
    }

    private static Task<Results<Ok<PermissionView>, ProblemHttpResult>> PatchAsync(
        string entity_id, long command_id, PermissionRequest request, Caller caller, EntityDirectory directory,
        PermissionStore store, PermissionTable table, CancellationToken ct) =>
        SetAsync(entity_id, command_id, request, new Checks(), caller, directory, store, table, ct);

    private static async Task<Results<Ok<PermissionView>, ProblemHttpResult>> DeleteAsync(
        string entity_id, long command_id, Caller caller, EntityDirectory directory, PermissionStore store,
        PermissionTable table, CancellationToken ct) =>
        await FindAsync(entity_id, caller, directory, ct) is { } entity
            ? Changed(entity, command_id, await store.ResetAsync(entity, command_id, caller.Actor, ct), table)
            : NoEntity(entity_id);

    private static async Task<Results<Ok<PermissionView>, ProblemHttpResult>> SetAsync(
        string entity_id, long command_id, PermissionRequest request, Checks checks, Caller caller,
        EntityDirectory directory, PermissionStore store, PermissionTable table, CancellationToken ct)
    {
        if (await FindAsync(entity_id, caller, directory, ct) is not { } entity)
        {
            return NoEntity(entity_id);
        }

        checks.Json("config", request.Config, MaxConfig);
        request.Permissions?.Check(checks);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var view = await store.SetAsync(
            entity, command_id, request.IsEnabled, request.Config, request.Permissions, caller.Actor, ct);
        return Changed(entity, command_id, view, table);
    }

    private static Results<Ok<PermissionView>, ProblemHttpResult> Changed(
        Entity entity, long command, PermissionView? view, PermissionTable table)
    {
        table.Forget(entity);
        return view is null ? NoCommand(command) : TypedResults.Ok(view);
    }

    /// <summary>The entity, when the caller may know of it.</summary>
    private static async Task<Entity?> FindAsync(
        string entity_id, Caller caller, EntityDirectory directory, CancellationToken ct) =>
        await directory.FindByEntityIdAsync(RouteText.Decode(entity_id), ct) is { } entity
            && caller.MayAct(entity.CommunityId)
            ? entity
            : null;

    private static ProblemHttpResult NoEntity(string entity) =>
        Problems.NotFound($"No channel {RouteText.Decode(entity)} here.");

    private static ProblemHttpResult NoCommand(long id) => Problems.NotFound($"No command with id {id}.");
}
