using System.Diagnostics;
using System.Globalization;

namespace Rookery.Kernel.Data;

/// <summary>The server process of a cluster, as its lock file <c>postmaster.pid</c> names it.</summary>
internal static class Postmaster
{
    /// <summary>
    /// Process number, data folder and start time: these lines of the file stay while the server runs.
    /// </summary>
    private const int FixedLines = 3;

    public static bool IsRunning(string cluster)
    {
        if (ReadLock(cluster) is not [var first, ..] own
            || !int.TryParse(first, CultureInfo.InvariantCulture, out var pid))
        {
            return false;
        }

        // After a crash, above all in a container, the number may belong to another program or to a thread of ours. A
        // server works in its data folder, so the process is asked for the lock file of the folder it works in.
        return OperatingSystem.IsLinux()
            ? ReadLock($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/cwd") is { } theirs
                && own.SequenceEqual(theirs, StringComparer.Ordinal)
            : IsAlive(pid);
    }

    /// <summary>
    /// Removes the lock files of a server that is gone. PostgreSQL does this itself, except while its number is still
    /// in use: by another process of the same user, or by the dead one that nobody has waited for.
    /// </summary>
    /// <param name="socketFolder">The folder of its sockets, which no other server uses.</param>
    public static void ForgetDead(string cluster, string socketFolder)
    {
        if (!OperatingSystem.IsLinux() || IsRunning(cluster))
        {
            return;
        }

        File.Delete(LockFile(cluster));
        foreach (var socket in Directory.EnumerateFiles(socketFolder, ".s.PGSQL.*"))
        {
            File.Delete(socket);
        }
    }

    private static string LockFile(string folder) => Path.Combine(folder, "postmaster.pid");

    private static string[]? ReadLock(string folder)
    {
        try
        {
            return [.. File.ReadLines(LockFile(folder)).Take(FixedLines)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (folder.StartsWith("/proc/", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
