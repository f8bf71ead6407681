using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Rookery.Bench;

/// <summary>
/// The reference: pgbench inserting the same row, prepared, one row a transaction, over as many connections.
/// </summary>
internal static partial class PgBench
{
    private const string Script = """
        insert into router.command_executions (execution_id, command_id, entity_id, community_id, event_id, platform,
            user_id, user_name,
            message_id, message_content, parameters, location_url, response_status, response_data,
            execution_time_ms, retry_count, status, session_id, trigger, created_at, completed_at, node_id)
        values (gen_random_uuid(), 2, 1 + (random() * 999)::int, 2, gen_random_uuid(), 'discord', '539088331100000001',
            'member 1',
            gen_random_uuid()::text, '!ping', '[]', 'internal://router', 200,
            '[{"module_name": "router", "success": true, "response_action": "chat", "chat_message": "Pong!"}]',
            0, 0, 'success', 'sess_01a1f7ea898c748a958d34bcb00803d9', 'command', now(), now(),
                '01a1f7ea-898c-748a-958d-34bcb00803d9');
        """;

    /// <returns>Transactions a second; null when pgbench is not installed.</returns>
    public static async Task<double?> RunAsync(
        string connectionString, int clients, TimeSpan length, CancellationToken ct)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Script, ct);
            var server = new NpgsqlConnectionStringBuilder(connectionString);
            var start = new ProcessStartInfo("pgbench",
            [
                "-n", "-M", "prepared", "-f", file, "-c", clients.ToString(CultureInfo.InvariantCulture), "-j", "2",
                "-T", ((int)length.TotalSeconds).ToString(CultureInfo.InvariantCulture), "-h", server.Host!, "-p", server.Port.ToString(CultureInfo.InvariantCulture),
                "-U", server.Username!, server.Database!,
            ])
            { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PGPASSWORD"] = server.Password;
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(ct);
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            if (process.ExitCode != 0)
            {
                Console.Error.WriteLine(await errors);
            }

            return Tps().Match(output) is { Success: true } match
                ? double.Parse(match.Groups["tps"].ValueSpan, CultureInfo.InvariantCulture)
                : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine(
                "pgbench is not installed, so there is no reference: apt-get install postgresql-contrib");
            return null;
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"tps = (?<tps>[\d.]+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Tps();
}
