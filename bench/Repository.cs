using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Rookery.Bench;

internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Commit { get; } = Git("rev-parse --short HEAD");

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, ".."));

    private static string Git(string arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = Root })!;
        var text = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return text;
    }
}
