using System.Diagnostics;
using System.Text;
using Rookery.Host;

namespace Rookery.EndToEnd.Tests.CommandLine;

/// <summary>Runs the built program as a process, the way people do.</summary>
internal sealed class RookeryProcess : IAsyncDisposable
{
    /// <summary>A whole server starts in seconds; on a machine that does much else it may take longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

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

    public static RookeryProcess Start(params string[] arguments) =>
        Start(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

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

    /// <summary>Runs to the end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var program = Start(environment, arguments);
        return (await program.EndAsync(), program.Output);
    }

    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    public async Task<int> EndAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Not within {Patience}: the end of\n{Output}", e);
        }
    }

    public async Task SaysAsync(string text)
    {
        for (var waited = TimeSpan.Zero; !Output.Contains(text, StringComparison.Ordinal); waited += Glance)
        {
            if (waited > Patience || _process.HasExited)
            {
                throw new TimeoutException($"Did not say '{text}' in {Patience}:\n{Output}");
            }

            await Task.Delay(Glance);
        }
    }

    /// <summary>
    /// Sends what service managers send. What Ctrl-C sends would be ignored wherever the tests run in the background.
    /// </summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{Id}"]);
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
