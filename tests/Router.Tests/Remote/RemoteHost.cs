using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Router.Registry;
using Rookery.Router.Remote;

namespace Rookery.Router.Tests.Remote;

/// <summary>A server that may call this machine's own loopback address and does not wait long between tries.</summary>
public sealed class RemoteHost : TestHost
{
    public RemoteHost() => Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Http:AllowedPrivateHosts:0"] = "127.0.0.1",
        ["Remote:LongestWait"] = "00:00:00.010",
        ["Aws:Region"] = "eu-central-1",
        ["Aws:AccessKeyId"] = "AKIDHOST",
        ["Aws:SecretAccessKey"] = "host-secret",
    };

    public Database Db => Get<Database>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Puts a remote command into the table and makes the router know it.</summary>
    /// <returns>Its id and its name, which no other test has.</returns>
    public async Task<(long Id, string Name)> AddCommandAsync(
        string url,
        string type = "webhook",
        string method = "POST",
        int timeout = 10,
        string headers = "{}",
        bool authRequired = false,
        string moduleType = "core",
        string triggerType = "command",
        string eventTypes = "[]")
    {
        var name = $"c{Guid.NewGuid():N}";
        var id = await Db.Write.ValueAsync<long>(
            $"""
            insert into router.commands (command, prefix, location, location_url, type, method, timeout, headers,
                auth_required, module_type,
                module_id, trigger_type, event_types)
            values ({name}, '!', 'internal', {url}, {type}, {method}, {timeout}, {headers}::jsonb, {authRequired},
                {moduleType},
                'weather', {triggerType}, {eventTypes}::jsonb)
            returning id
            """,
            Ct);
        await Get<CommandTable>().ReloadAsync(Ct);
        return (id, name);
    }

    public Task SetSecretAsync(long command, string secret) =>
        Get<Secrets>().SetAsync(Db.Write, CommandSecrets.PlaceOf(command), secret, Ct);

    /// <summary>The execution's row as JSON, columns by their names.</summary>
    public async Task<JsonObject> RowAsync(JsonObject answer) => JsonNode.Parse(await Db.Write.ValueAsync<string>(
        $"select to_jsonb(x)::text from router.command_executions x where execution_id = {answer["execution_id"]!.GetValue<Guid>()}", Ct))!.AsObject();
}
