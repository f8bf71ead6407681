using System.Globalization;

namespace Rookery.Host;

/// <summary>The folder one server keeps its things in; locked while that server runs.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    public string KeyRing => KeyRingOf(Path);

    public static string KeyRingOf(string path) => System.IO.Path.Combine(path, "keys.json");

    /// <summary>What a running server tells the commands of the same machine.</summary>
    public string RuntimeFile => RuntimeFileOf(Path);

    /// <summary>The key with which this machine's <c>rookery chat</c> talks to the running server.</summary>
    public string LocalKeyFile => LocalKeyFileOf(Path);

    public static string RuntimeFileOf(string path) => System.IO.Path.Combine(path, "runtime.json");

    public static string LocalKeyFileOf(string path) => System.IO.Path.Combine(path, "local.key");

    /// <summary>What the operator sets for this server: as appsettings.json, but kept out of the checkout.</summary>
    public static string SettingsFileOf(string path) => System.IO.Path.Combine(path, "settings.json");

    /// <summary>What a simulated server has instead of <paramref name="path"/>.</summary>
    public static string SimulatedOf(string path) => System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "simulated");

    /// <summary>The folder that commands mean: that of the simulated server when it alone runs.</summary>
    public static string InUse(string path) =>
        !IsLocked(path) && IsLocked(SimulatedOf(path)) ? SimulatedOf(path) : System.IO.Path.GetFullPath(path);

    /// <summary>Makes and locks the folder. The lock goes with the process, however it ends.</summary>
    /// <exception cref="InvalidOperationException">Another server runs in it.</exception>
    public static DataFolder Open(string path) => TryOpen(path) ?? throw new InvalidOperationException(
        $"Rookery already runs with the data folder {System.IO.Path.GetFullPath(path)}. " +
        "Stop that one first, or give this one a folder of its own with --data.");

    /// <returns>Null when another process has it.</returns>
    public static DataFolder? TryOpen(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        var lockFile = LockOf(path);
        try
        {
            var file = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(
                System.Text.Encoding.UTF8.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new DataFolder(path, file);
        }
        catch (IOException) when (File.Exists(lockFile))
        {
            return null;
        }
    }

    /// <summary>Deletes everything in it but the lock.</summary>
    public void Wipe()
    {
        foreach (var entry in new DirectoryInfo(Path).EnumerateFileSystemInfos().Where(e => e.FullName != _lock.Name))
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    public void Dispose()
    {
        File.Delete(RuntimeFile);
        _lock.Dispose();
    }

    private static bool IsLocked(string path)
    {
        var lockFile = LockOf(path);
        if (!File.Exists(lockFile))
        {
            return false;
        }

        try
        {
            using var free = new FileStream(lockFile, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string LockOf(string path) => System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "lock");
}
