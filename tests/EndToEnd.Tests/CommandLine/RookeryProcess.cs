using System.Diagnostics;
using System.Text;
using Rookery.Host;

namespace Rookery.EndToEnd.Tests.CommandLine;

/// <summary>Runs the built program as a process, the way people do.</summary>
internal sealed class RookeryProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private RookeryProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static RookeryProcess Start(params string[] arguments) => Start(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    public static RookeryProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ModuleList).Assembly.Location, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new RookeryProcess(Process.Start(start)!);
    }

    /// <summary>Runs to the end, at most a minute.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var program = Start(environment, arguments);
        return (await program.EndAsync(TimeSpan.FromMinutes(1)), program.Output);
    }

    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    public async Task<int> EndAsync(TimeSpan within)
    {
        try
        {
            using var limit = new CancellationTokenSource(within);
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Not within {within}: the end of\n{Output}", e);
        }
    }

    public Task SaysAsync(string text) => TestHost.EventuallyAsync(() => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), $"'{text}' in:\n{Output}");

    /// <summary>SIGINT is what Ctrl-C sends, SIGTERM what service managers send.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Add(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
