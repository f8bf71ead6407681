using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Router.Registry;

/// <summary>
/// Writes the commands and reactions of this build into <c>router.commands</c>. Columns that say what the code is
/// follow the code; columns an operator may tune (timeout, rate limit, priority, mode, on or off) are set once and then
/// theirs.
/// </summary>
internal sealed class Registrar(Database db, CommandTable table, TimeProvider clock)
{
    /// <exception cref="InvalidOperationException">Two modules have a command of one name.</exception>
    public async Task RegisterAsync(
        IEnumerable<RegisteredCommand> commands, IEnumerable<RegisteredReaction> reactions, CancellationToken ct)
    {
        var mine = commands.ToList();
        if (mine.GroupBy(c => c.Spec.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException(
                $"The command {twice.Key} is in {string.Join(" and ", twice.Select(c => c.Module))}; one must be renamed.");
        }

        await db.TransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"select pg_advisory_xact_lock(hashtextextended('router.registrar', 0))", ct);
                var names = new List<string>();
                foreach (var command in mine)
                {
                    names.Add(command.Spec.Name);
                    await PutAsync(transaction, command, ct);
                }

                foreach (var reaction in reactions)
                {
                    names.Add(CommandTable.ReactionName(reaction));
                    await PutAsync(transaction, reaction, ct);
                }

                await transaction.ExecuteAsync(
                    $"""
                    update router.commands set is_active = false, updated_at = {clock.GetUtcNow()}
                    where is_active and location_url like 'internal://%' and command <> all({names.ToArray()})
                    """,
                    ct);
            },
            ct);
        await table.ReloadAsync(ct);
    }

    private async Task PutAsync(Transaction transaction, RegisteredCommand command, CancellationToken ct)
    {
        var (spec, location, now) = (command.Spec, CommandTable.LocationOf(command.Module), clock.GetUtcNow());
        var changed = await transaction.ExecuteAsync(
            $"""
            update router.commands
            set description = {spec.Help}, location_url = {location}, version = {command.Version},
                module_id = {command.Module},
                aliases = {spec.Aliases.ToArray()}, min_role = {spec.MinRole.Name()}, updated_at = {now}
            where prefix = '!' and command = {spec.Name} and location_url like 'internal://%'
            """,
            ct);
        if (changed == 0)
        {
            await transaction.ExecuteAsync(
                $"""
                insert into router.commands (command, prefix, description, location_url, location, module_type,
                    module_id, version,
                    timeout, rate_limit, execution_mode, aliases, min_role, created_at, updated_at)
                values ({spec.Name}, '!', {spec.Help}, {location}, 'internal', 'core', {command.Module},
                    {command.Version},
                    {(int)spec.Timeout.TotalSeconds}, {spec.RateLimit}, {(spec.Parallel ? "parallel" : "sequential")},
                        {spec.Aliases.ToArray()},
                    {spec.MinRole.Name()}, {now}, {now})
                """,
                ct);
        }
    }

    private async Task PutAsync(Transaction transaction, RegisteredReaction reaction, CancellationToken ct)
    {
        var (spec, name, now) = (reaction.Spec, CommandTable.ReactionName(reaction), clock.GetUtcNow());
        var types = System.Text.Json.JsonSerializer.Serialize([.. spec.EventTypes], RouterJson.Default.StringArray);
        var changed = await transaction.ExecuteAsync(
            $"""
            update router.commands set event_types = {types}::jsonb, version = {reaction.Version}, updated_at = {now}
            where prefix = '!' and command = {name} and location_url like 'internal://%'
            """,
            ct);
        if (changed == 0)
        {
            await transaction.ExecuteAsync(
                $"""
                insert into router.commands (command, prefix, location_url, location, module_type, module_id, version,
                    trigger_type,
                    event_types, priority, execution_mode, created_at, updated_at)
                values ({name}, '!', {CommandTable.LocationOf(reaction.Module)}, 'internal', 'core', {reaction.Module},
                    {reaction.Version}, 'event',
                    {types}::jsonb, {spec.Priority}, {(spec.Parallel ? "parallel" : "sequential")}, {now}, {now})
                """,
                ct);
        }
    }
}
