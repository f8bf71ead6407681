using System.CommandLine;
using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Security;

namespace Rookery.Host.Cli;

/// <summary><c>rookery secrets rotate</c>: a new key for the secrets at rest, and everything sealed anew under it.</summary>
internal static class SecretsCommand
{
    public static Command Make() => new("secrets", "The secrets the database holds sealed, such as tokens of platforms.")
    {
        Verb.Make("rotate", "Makes a new key and seals every secret anew under it; a server that runs need not stop.", RotateAsync),
    };

    private static async Task<int> RotateAsync(Invocation invocation, CancellationToken ct)
    {
        await using var database = await VerbDatabase.OpenAsync(invocation, ct);
        await database.RequireMigratedAsync(ct);
        var ring = KeyRing.Open(DataFolder.KeyRingOf(invocation.DataFolder));
        var secrets = new Secrets(database.Db, new SecretBox(ring), TimeProvider.System);
        await secrets.RequireKeysAsync(ring, ct);

        ring.Rotate();
        var count = await secrets.RotateAsync(ring.Current.Id, ct);
        await new AuditLog(database.Db, TimeProvider.System).WriteAsync(
            database.Db.Write, 0, "cli", "secrets.rotated", new JsonObject { ["key_id"] = ring.Current.Id, ["count"] = count }, ct);
        Console.WriteLine($"{count} secrets are sealed under the new key {ring.Current.Id}. Back up {ring.Path} again.");
        return 0;
    }
}
