using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Router.Registry;

/// <summary>Writes commands that come from outside. They are of all communities, so the rows carry none.</summary>
internal sealed class CommandStore(Database db, Secrets secrets, AuditLog audit, TimeProvider clock)
{
    private const string Owner = "router.commands";

    public Task<CommandView?> FindAsync(long id, CancellationToken ct) =>
        db.Read.FindAsync(
            $"select {CommandView.Columns} from router.commands c where c.id = {id}", CommandView.Read, ct);

    public Task<IReadOnlyList<CommandView>> ListAsync(
        bool? active, string? name, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {CommandView.Columns} from router.commands c
        where ({active}::boolean is null or c.is_active = {active}) and ({name}::text is null or c.command = {name})
          and ({page.AfterId}::bigint is null or c.id > {page.AfterId})
        order by c.id limit {page.Limit + 1}
        """,
        CommandView.Read,
        ct);

    /// <summary>The active command of this prefix and name, whoever made it.</summary>
    public Task<CommandView?> FindActiveAsync(string prefix, string name, CancellationToken ct) => db.Write.FindAsync(
        $"select {CommandView.Columns} from router.commands c where c.is_active and c.prefix = {prefix} and c.command = {name}", CommandView.Read, ct);

    /// <exception cref="PostgresException">23505: an active command has the name.</exception>
    public Task<CommandView> CreateAsync(
        CommandView row, CommandRequest request, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            var id = await transaction.ValueAsync<long>(
                $"""
                insert into router.commands (command, prefix, description, location_url, location, type, method,
                    timeout, headers, auth_required,
                    rate_limit, is_active, module_type, module_id, version, trigger_type, event_types, priority,
                        execution_mode, aliases,
                    min_role, created_at, updated_at)
                values ({row.Command}, {row.Prefix}, {row.Description}, {row.LocationUrl}, {row.Location}, {row.Type},
                    {row.Method}, {row.Timeout},
                    {row.Headers.GetRawText()}::jsonb, {row.AuthRequired}, {row.RateLimit}, {row.IsActive},
                        {row.ModuleType}, {row.ModuleId},
                    {row.Version}, {row.TriggerType}, {Json(row.EventTypes)}::jsonb, {row.Priority},
                        {row.ExecutionMode}, {row.Aliases.ToArray()},
                    {row.MinRole}, {now}, {now})
                returning id
                """,
                ct);
            return await FinishAsync(transaction, id, request, "command.created", by, ct);
        },
        ct);

    /// <summary>
    /// Changes a row that is checked while it is locked, so that two changes at once make no row that neither meant.
    /// </summary>
    /// <param name="check">Sees the row as it stands and as it would stand; false leaves it as it is.</param>
    /// <returns>The row as it stands; null when there is none or the check said no.</returns>
    /// <exception cref="PostgresException">23505: an active command has the name.</exception>
    public Task<CommandView?> UpdateAsync(
        long id, CommandRequest request, Func<CommandView, CommandView, bool> check, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var old = await transaction.FindAsync(
                $"select {CommandView.Columns} from router.commands c where c.id = {id} for update",
                CommandView.Read,
                ct);
            if (old is null || request.Over(old) is not { } row || !check(old, row))
            {
                return null;
            }

            await transaction.ExecuteAsync(
                $"""
                update router.commands
                set command = {row.Command}, prefix = {row.Prefix}, description = {row.Description},
                    location_url = {row.LocationUrl},
                    location = {row.Location}, type = {row.Type}, method = {row.Method}, timeout = {row.Timeout},
                    headers = {row.Headers.GetRawText()}::jsonb, auth_required = {row.AuthRequired},
                        rate_limit = {row.RateLimit},
                    is_active = {row.IsActive}, module_type = {row.ModuleType}, module_id = {row.ModuleId},
                        version = {row.Version},
                    trigger_type = {row.TriggerType}, event_types = {Json(row.EventTypes)}::jsonb,
                        priority = {row.Priority},
                    execution_mode = {row.ExecutionMode}, aliases = {row.Aliases.ToArray()}, min_role = {row.MinRole},
                        updated_at = {clock.GetUtcNow()}
                where id = {id}
                """,
                ct);
            return await FinishAsync(
                transaction,
                id,
                request,
                row.IsActive || !old.IsActive ? "command.updated" : "command.deactivated",
                by,
                ct);
        },
        ct);

    private async Task<CommandView> FinishAsync(
        Transaction transaction, long id, CommandRequest request, string action, string by, CancellationToken ct)
    {
        var key = id.ToString(CultureInfo.InvariantCulture);
        if (request.Secret is { Length: > 0 } secret)
        {
            await secrets.SetAsync(transaction, new SecretPlace(Owner, key, "secret"), secret, ct);
        }
        else if (request.Secret is not null)
        {
            await secrets.RemoveAsync(transaction, Owner, key, ct);
        }

        var row = await transaction.FindAsync(
            $"select {CommandView.Columns} from router.commands c where c.id = {id}", CommandView.Read, ct);
        var details = new JsonObject { ["command_id"] = id, ["command"] = row!.Typed, ["fields"] = request.Fields() };
        await audit.WriteAsync(transaction, 0, by, action, details, ct);
        return row;
    }

    private static string Json(IReadOnlyList<string> texts) =>
        JsonSerializer.Serialize([.. texts], RouterJson.Default.StringArray);
}
