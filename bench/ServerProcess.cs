using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Rookery.Bench;

/// <summary>The built server as a process of its own, as an operator runs it.</summary>
internal sealed class ServerProcess : IDisposable
{
    public const string Key = "rk_bench_0123456789abcdef";

    /// <summary>
    /// Makes this process, not the server, handle answers where they arrive and not on another thread.
    /// </summary>
    public const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private readonly Process _process;

    private ServerProcess(Process process, int port, TimeSpan startup)
    {
        _process = process;
        Port = port;
        Startup = startup;
    }

    public int Port { get; }

    public int Pid => _process.Id;

    /// <summary>From the start of the process to the first answered health check.</summary>
    public TimeSpan Startup { get; }

    public IPEndPoint Address => new(IPAddress.Loopback, Port);

    public double RssMiB
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576d;
        }
    }

    /// <summary>The build that <c>./run</c> starts, which is what is measured.</summary>
    public static string Release { get; } = Path.Combine(Repository.Root, "artifacts", "rookery", "rookery.dll");

    /// <param name="program">The built server, rookery.dll.</param>
    /// <param name="connectionString">
    /// Null: the server brings its own database in <paramref name="dataFolder"/>.
    /// </param>
    /// <param name="settings">More of them, by their full names.</param>
    /// <param name="port">Null: any that is free.</param>
    public static async Task<ServerProcess> StartAsync(
        string program,
        string dataFolder,
        string? connectionString,
        CancellationToken ct,
        IReadOnlyDictionary<string, string>? settings = null,
        int? port = null)
    {
        if (!File.Exists(program))
        {
            throw new InvalidOperationException($"{program} is not built; ./run --version builds it");
        }

        var at = port ?? FreePort();
        var start = new ProcessStartInfo(
            "dotnet",
            [program, "serve", "--data", dataFolder, "--port", at.ToString(CultureInfo.InvariantCulture), "--Logging:LogLevel:Default=Warning"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment.Remove(InlineCompletions);
        start.Environment["ROOKERY_ADMIN_KEY"] = Key;
        if (connectionString is not null)
        {
            start.Environment["ConnectionStrings__Primary"] = connectionString;
        }

        foreach (var (name, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var started = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text && text.Contains("fail:", StringComparison.Ordinal))
            {
                Console.Error.WriteLine(text.Length > 300 ? text[..300] : text);
            }
        };
        process.BeginOutputReadLine();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{at}"), Timeout = TimeSpan.FromSeconds(2) };
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The server ended with {process.ExitCode} before it answered.");
            }

            try
            {
                using var answer = await http.GetAsync(new Uri("/healthz", UriKind.Relative), ct);
                if (answer.IsSuccessStatusCode)
                {
                    return new ServerProcess(process, at, Stopwatch.GetElapsedTime(started));
                }
            }
            catch (Exception e) when (e is HttpRequestException or SocketException or TaskCanceledException)
            {
                await Task.Delay(20, ct);
            }
        }
    }

    /// <summary>As the kernel or an operator in a hurry would.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <param name="name">STOP, CONT and the like.</param>
    public void Signal(string name)
    {
        using var sent = Process.Start("kill", [$"-{name}", Pid.ToString(CultureInfo.InvariantCulture)]);
        sent.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal("INT");
            if (!_process.WaitForExit(TimeSpan.FromSeconds(8)))
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
