using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Bench;

/// <summary>What a run of chaos found. Everything named "lost", "doubled" or "pending" must be zero.</summary>
internal sealed record ChaosResult
{
    public required int Kills { get; init; }

    public required int Acknowledged { get; init; }

    public required int Unavailable { get; init; }

    public required long ExecutionsLost { get; init; }

    public required long ExecutionsDoubled { get; init; }

    public required long StillPending { get; init; }

    public required long Interrupted { get; init; }

    public required long NotesLost { get; init; }

    public required long NotesDoubled { get; init; }

    public required int Promised { get; init; }

    public required long DeliveriesLost { get; init; }

    public required long DeliveriesDoubled { get; init; }

    /// <summary>Outbox rows that a dying node may have sent already; the Sandbox drops the repeat by its key.</summary>
    public required long InDoubt { get; init; }

    public required double SlowestRecoverySeconds { get; init; }

    public bool Clean =>
        ExecutionsLost + ExecutionsDoubled + StillPending + NotesLost + NotesDoubled + DeliveriesLost + DeliveriesDoubled == 0;
}

/// <summary>
/// <c>bench chaos</c>: the built server under load, killed with SIGKILL again and again; then everything it
/// acknowledged is looked for. Callers do as platforms do: what was not answered is sent again with the same message
/// id.
/// </summary>
internal sealed class ChaosBench : IDisposable
{
    private const int Workers = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Option<int> Kills = new("--kills") { DefaultValueFactory = _ => 100 };
    private static readonly Option<int> Outage =
        new("--outage") { DefaultValueFactory = _ => 30, Description = "Seconds the database is stopped for at the end; 0: not." };

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };
    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _promised = new(StringComparer.Ordinal);
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private volatile Uri? _server;
    private int _unavailable;
    private int _next;

    public static Command Make()
    {
        var command =
            new Command("chaos", "Kills the server under load and looks for everything it acknowledged.") { Kills, Outage };
        command.SetAction(async (parsed, ct) =>
        {
            using var chaos = new ChaosBench();
            var result = await chaos.RunAsync(
                parsed.GetValue(Kills),
                TimeSpan.FromSeconds(parsed.GetValue(Outage)),
                ServerProcess.Release,
                Console.Error.WriteLine,
                ct);
            Console.WriteLine(JsonSerializer.Serialize(result));
            return result.Clean ? 0 : 1;
        });
        return command;
    }

    public void Dispose() => _http.Dispose();

    public async Task<ChaosResult> RunAsync(
        int kills, TimeSpan outage, string program, Action<string> tell, CancellationToken ct)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "chaos");
        Directory.CreateDirectory(folder);
        var postgres = await EmbeddedPostgres.StartAsync(folder, tell, ct);
        try
        {
            var database = await BenchDatabase.FreshAsync(postgres.ConnectionString, "chaos", ct);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var load = Task.WhenAll(Enumerable.Range(0, Workers).Select(i => WorkAsync(i, stop.Token)));
            var slowest = TimeSpan.Zero;
            for (var kill = 1; kill <= kills; kill++)
            {
                using var server = await ServerProcess.StartAsync(program, folder, database, ct);
                slowest = server.Startup > slowest ? server.Startup : slowest;
                _server = new Uri($"http://127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}");
                await Task.Delay(Random.Shared.Next(50, 1200), ct);
                server.Kill();
                if (kill % 10 == 0)
                {
                    tell($"{kill} kills, {_acknowledged.Count} events acknowledged, {_promised.Count} deliveries promised");
                }
            }

            using var last = await ServerProcess.StartAsync(program, folder, database, ct);
            _server = new Uri($"http://127.0.0.1:{last.Port.ToString(CultureInfo.InvariantCulture)}");
            if (outage > TimeSpan.Zero)
            {
                await OutageAsync(postgres, outage, tell, ct);
            }

            await Task.Delay(TimeSpan.FromSeconds(2), ct);
            await stop.CancelAsync();
            await load;
            return await VerifyAsync(database, kills, slowest, ct);
        }
        finally
        {
            await postgres.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Stops the database under load, and expects work to be acknowledged again after it is back.</summary>
    private async Task OutageAsync(
        EmbeddedPostgres postgres, TimeSpan outage, Action<string> tell, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(2), ct);
        tell($"The database stops for {outage.TotalSeconds:0} s.");
        await postgres.StopAsync(ct);
        var (before, refusedBefore) = (_acknowledged.Count, _unavailable);
        await Task.Delay(outage, ct);
        tell($"While it was away: {_acknowledged.Count - before} acknowledged, {_unavailable - refusedBefore} refused with 503.");
        await postgres.ReviveAsync(ct);
        var back = Stopwatch.GetTimestamp();
        before = _acknowledged.Count;
        while (_acknowledged.Count < before + 100)
        {
            if (Stopwatch.GetElapsedTime(back) > Patience)
            {
                throw new InvalidOperationException("The server did not recover after the database came back.");
            }

            await Task.Delay(100, ct);
        }

        tell($"Recovered {Stopwatch.GetElapsedTime(back).TotalSeconds:0.0} s after the database came back.");
    }

    private async Task WorkAsync(int worker, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var n = Interlocked.Increment(ref _next);
            var id = $"{_run}-{n.ToString(CultureInfo.InvariantCulture)}";
            var note = n % 3 == 0;
            var text = note ? $"!memories add note \"chaos\" \"{id}\"" : n % 3 == 1 ? "!ping" : "!help ping";
            if (await UntilAnsweredAsync("/api/v1/events", Event(id, text, worker), ct) is not { } answer)
            {
                return;
            }

            _acknowledged[id] = note && answer["outcome"]!.GetValue<string>() == "replied";
            if (n % 5 == 0 && answer["execution_id"] is { } execution)
            {
                var line = $"late {id}";
                var late = new JsonObject
                {
                    ["execution_id"] = execution.GetValue<string>(),
                    ["session_id"] = answer["session_id"]!.GetValue<string>(),
                    ["module_name"] = "chaos",
                    ["success"] = true,
                    ["response_action"] = "chat",
                    ["chat_message"] = line,
                };
                if (await UntilAnsweredAsync("/api/v1/module-responses", late, ct, idempotencyKey: line) is null)
                {
                    return;
                }

                _promised[line] = true;
            }
        }
    }

    /// <summary>Sends until it is answered, over as many lives of the server as it takes.</summary>
    private async Task<JsonObject?> UntilAnsweredAsync(
        string path, JsonObject body, CancellationToken ct, string? idempotencyKey = null)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (_server is { } server)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path)) { Content = JsonContent.Create(body) };
                    request.Headers.Add("X-API-Key", ServerProcess.Key);
                    if (idempotencyKey is not null)
                    {
                        request.Headers.Add("Idempotency-Key", idempotencyKey);
                    }

                    using var response = await _http.SendAsync(request, ct);
                    if (response.IsSuccessStatusCode)
                    {
                        return await response.Content.ReadFromJsonAsync<JsonObject>(ct);
                    }

                    if ((int)response.StatusCode != 503)
                    {
                        throw new InvalidOperationException(
                            $"{path} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(ct)}");
                    }

                    Interlocked.Increment(ref _unavailable);
                }
            }
            catch (Exception e) when (
                e is HttpRequestException or IOException or SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                // The server died under the call, or is not back yet.
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            try
            {
                await Task.Delay(20, ct);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        return null;
    }

    private async Task<ChaosResult> VerifyAsync(string database, int kills, TimeSpan slowest, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await WaitForAsync(source, "select count(*) from router.command_executions where status = 'pending'", ct);
        await WaitForAsync(source, "select count(*) from kernel.outbox where status = 'pending'", ct);
        var ids = _acknowledged.Keys.ToArray();
        var notes = _acknowledged.Where(a => a.Value).Select(a => a.Key).ToArray();
        var lines = _promised.Keys.ToArray();
        return new ChaosResult
        {
            Kills = kills,
            Acknowledged = ids.Length,
            Unavailable = _unavailable,
            ExecutionsLost = await CountAsync(
                source,
                "select count(*) from unnest($1) i where not exists (select from router.command_executions where message_id = i)",
                ids,
                ct),
            ExecutionsDoubled = await CountAsync(
                source,
                "select count(*) from (select from router.command_executions where message_id is not null group by message_id having count(*) > 1) d",
                null,
                ct),
            StillPending = await CountAsync(
                source, "select count(*) from router.command_executions where status = 'pending'", null, ct),
            Interrupted = await CountAsync(
                source,
                "select count(*) from router.command_executions where error_message like 'Interrupted%'",
                null,
                ct),
            NotesLost = await CountAsync(
                source,
                "select count(*) from unnest($1) i where not exists (select from memories.memories where content = i)",
                notes,
                ct),
            NotesDoubled = await CountAsync(
                source,
                "select count(*) from (select from memories.memories group by content having count(*) > 1) d",
                null,
                ct),
            Promised = lines.Length,
            DeliveriesLost = await CountAsync(
                source,
                "select count(*) from unnest($1) i where not exists (select from sandbox.messages where body = i)",
                lines,
                ct),
            DeliveriesDoubled = await CountAsync(
                source,
                "select count(*) from (select from sandbox.messages where body like 'late %' group by body having count(*) > 1) d",
                null,
                ct),
            InDoubt = await CountAsync(source, "select count(*) from kernel.outbox where in_doubt", null, ct),
            SlowestRecoverySeconds = slowest.TotalSeconds,
        };
    }

    private static async Task WaitForAsync(NpgsqlDataSource source, string count, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (await CountAsync(source, count, null, ct) > 0 && Stopwatch.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(200, ct);
        }
    }

    private static async Task<long> CountAsync(
        NpgsqlDataSource source, string sql, string[]? values, CancellationToken ct)
    {
#pragma warning disable CA2100 // Constants of this file.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        if (values is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = values });
        }

        command.CommandTimeout = 300;
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static JsonObject Event(string id, string text, int worker) => new()
    {
        ["platform"] = "sandbox",
        ["channel_id"] = $"chaos-{worker % 8}",
        ["message_id"] = id,
        ["message_type"] = "chatMessage",
        ["user_id"] = "ada",
        ["user_name"] = "Ada",
        ["user_role"] = "moderator",
        ["message_content"] = text,
    };
}
