using System.Text.RegularExpressions;

namespace Rookery.Kernel.Data;

/// <summary>What the embedded server tells since its last start; what it told before is kept beside it.</summary>
internal sealed partial class ServerLog(string folder)
{
    public const string Name = "server.log";
    private const int TailLines = 10;

    private string File => Path.Combine(folder, Name);

    public bool SaysPortIsTaken => Lines().Any(l => l.Contains("could not bind", StringComparison.Ordinal));

    /// <summary>Puts the log of the last start aside.</summary>
    public void Begin()
    {
        if (System.IO.File.Exists(File))
        {
            System.IO.File.Move(File, File + ".1", overwrite: true);
        }
    }

    public string Tail() => string.Join('\n', Lines().TakeLast(TailLines));

    /// <summary>What a server that recovers is doing; null when it has not said.</summary>
    public string? RecoveryStep() =>
        Lines().Select(l => Step().Match(l)).LastOrDefault(m => m.Success)?.Groups["step"].Value;

    private IEnumerable<string> Lines() => System.IO.File.Exists(File) ? System.IO.File.ReadLines(File) : [];

    /// <summary>For example: LOG:  redo in progress, elapsed time: 2.00 s, current LSN: 0/5A12F3B8.</summary>
    [GeneratedRegex(@"LOG:\s+(?<step>.+ in progress|syncing data directory.*|resetting unlogged relations.*), elapsed time", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Step();
}
