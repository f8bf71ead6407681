using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Router.Registry;

/// <summary>
/// The registry. Commands are of all communities: every key with the scope reads them, only one that is bound to none
/// writes.
/// </summary>
internal static class CommandEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var commands = group.MapGroup("/commands").WithTags("commands");
        commands.MapGet("", ListAsync).Needs(Scopes.CommandsRead).WithSummary("Lists commands and event handlers.");
        commands.MapPost("", CreateAsync)
            .Needs(Scopes.CommandsWrite)
            .WithSummary("Registers a command that runs elsewhere.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        commands.MapGet("/{id:long}", GetAsync).Needs(Scopes.CommandsRead)
            .WithSummary("Shows a command.").ProducesProblem(404);
        commands.MapPatch("/{id:long}", PatchAsync).Needs(Scopes.CommandsWrite)
            .WithSummary(
                "Changes what the body names; of a built-in command only is_active, timeout, rate_limit, priority and execution_mode.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        commands.MapDelete("/{id:long}", DeleteAsync).Needs(Scopes.CommandsWrite)
            .WithSummary("Switches a command off everywhere. Its history stays.")
            .ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<Ok<Page<CommandView>>> ListAsync(
        bool? is_active, string? command, PageQuery page, CommandStore store, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await store.ListAsync(is_active, command, page, ct), page.Limit, c => c.Id));

    private static async Task<Results<Ok<CommandView>, ProblemHttpResult>> GetAsync(
        long id, CommandStore store, CancellationToken ct) =>
        await store.FindAsync(id, ct) is { } found ? TypedResults.Ok(found) : NotFound(id);

    private static async Task<Results<Created<CommandView>, ProblemHttpResult>> CreateAsync(
        CommandRequest request, Caller caller, CommandStore store, CommandTable table, CancellationToken ct)
    {
        if (Refuse(caller) is { } refused)
        {
            return refused;
        }

        var (row, checks) = (request.Over(null), new Checks());
        request.Check(checks);
        CommandRules.Check(row, checks);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        try
        {
            var made = await store.CreateAsync(row, request, caller.Actor, ct);
            await table.ReloadAsync(ct);
            return TypedResults.Created($"/api/v1/commands/{made.Id}", made);
        }
        catch (PostgresException e) when (IsRefusal(e))
        {
            return await ExplainAsync(e, row, store, ct);
        }
    }

    private static Task<Results<Ok<CommandView>, ProblemHttpResult>> DeleteAsync(
        long id, Caller caller, CommandStore store, CommandTable table, CancellationToken ct) =>
        PatchAsync(id, new CommandRequest { IsActive = false }, caller, store, table, ct);

    private static async Task<Results<Ok<CommandView>, ProblemHttpResult>> PatchAsync(
        long id, CommandRequest request, Caller caller, CommandStore store, CommandTable table, CancellationToken ct)
    {
        if (Refuse(caller) is { } refused)
        {
            return refused;
        }

        var (checks, wanted) = (new Checks(), default(CommandView));
        try
        {
            var changed = await store.UpdateAsync(
                id,
                request,
                (old, row) =>
                {
                    wanted = row;
                    Check(request, old, row, checks);
                    return checks.Ok;
                },
                caller.Actor,
                ct);
            if (changed is null)
            {
                return checks.Ok ? NotFound(id) : checks.Problem();
            }

            await table.ReloadAsync(ct);
            return TypedResults.Ok(changed);
        }
        catch (PostgresException e) when (IsRefusal(e))
        {
            return await ExplainAsync(e, wanted!, store, ct);
        }
    }

    /// <summary>A command that is only being switched off is not held to rules that came after it.</summary>
    private static void Check(CommandRequest request, CommandView old, CommandView row, Checks checks)
    {
        request.Check(checks);
        if (old.IsInternal)
        {
            foreach (var field in request.OfCode())
            {
                checks.Fail(
                    field,
                    $"belongs to the code of {old.Typed}; only is_active, timeout, rate_limit, priority and execution_mode can be changed.");
            }

            CommandRules.CheckTuning(checks, row);
        }
        else if (request != new CommandRequest { IsActive = false })
        {
            CommandRules.Check(row, checks);
        }
    }

    private static ProblemHttpResult? Refuse(Caller caller) => caller.Community is null
        ? null
        : Problems.Forbidden(
            "Commands are of all communities: changing them needs a key that is bound to none. What a channel allows is under /entities/{entity_id}/permissions.");

    private static bool IsRefusal(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.CheckViolation;

    /// <summary>
    /// The name is taken, or is not lower-case by the database's letters, which may know more than ours.
    /// </summary>
    private static async Task<ProblemHttpResult> ExplainAsync(
        PostgresException e, CommandView row, CommandStore store, CancellationToken ct)
    {
        if (e.SqlState == PostgresErrorCodes.CheckViolation)
        {
            return Problems.Invalid("command", "must be lower-case and hold no blanks.");
        }

        return Problems.Conflict(await store.FindActiveAsync(row.Prefix, row.Command, ct) is { } other
            ? $"{row.Typed} is taken by command {other.Id} ({other.LocationUrl}); switch that off or choose another name."
            : $"{row.Typed} was taken a moment ago; try again.");
    }

    private static ProblemHttpResult NotFound(long id) => Problems.NotFound($"No command with id {id}.");
}
