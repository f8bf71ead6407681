using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rookery.Kernel.Security;

namespace Rookery.Host.Cli.Doctor;

/// <summary>What can be seen without the database: the disk, the port, the file of the key ring.</summary>
internal static class MachineChecks
{
    private const long Gigabyte = 1L << 30;
    private const long LowDisk = 5 * Gigabyte;
    private const long NoDisk = Gigabyte / 2;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Finding Disk(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        var said = string.Create(CultureInfo.InvariantCulture, $"{free / (double)Gigabyte:0.0} GiB free at {folder}");
        return free switch
        {
            < NoDisk => Finding.Fail("disk", said, "Free some space now: a full disk stops the database."),
            < LowDisk => Finding.Warn("disk", said, "Free some space, or move the data folder (--data)."),
            _ => Finding.Ok("disk", said),
        };
    }

    /// <param name="running">Where this data folder's server answers, if it runs.</param>
    public static Finding Port(int port, Uri? running)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"port {port}");
        if (running?.Port == port)
        {
            return Finding.Ok(what, "this Rookery answers on it");
        }

        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return Finding.Ok(what, "free");
        }
        catch (SocketException)
        {
            return Finding.Fail(
                what, "another program has it", "Stop that program, or start Rookery with another --port.");
        }
    }

    /// <param name="used">Ids of the keys that secrets in the database lie under.</param>
    public static Finding Keys(string path, IReadOnlyList<string> used)
    {
        if (!File.Exists(path))
        {
            return used.Count == 0
                ? Finding.Ok("key ring", "none yet; the first start makes it")
                : Finding.Fail(
                    "key ring",
                    $"{path} is missing, but secrets lie under it",
                    "Put it back from your backup; without it these secrets cannot be read.");
        }

        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) is var mode && (mode | OwnerOnly) != OwnerOnly)
        {
            return Finding.Fail("key ring", $"others may read {path}", $"chmod 600 {path}");
        }

        try
        {
            var missing = used.Except(KeyRing.Open(path).Ids, StringComparer.Ordinal).ToList();
            return missing.Count == 0
                ? Finding.Ok(
                    "key ring",
                    string.Create(CultureInfo.InvariantCulture, $"readable by its owner only; secrets lie under {used.Count} of its keys"))
                : Finding.Fail(
                    "key ring",
                    $"{string.Join(", ", missing)} is missing in it",
                    "Put the newer ring back from your backup.");
        }
        catch (Exception e) when (e is InvalidOperationException or UnauthorizedAccessException)
        {
            return Finding.Fail("key ring", e.Message, "Run as the user who made it, or put it back from your backup.");
        }
    }

    /// <summary>What the server of the data folder says; null when none answers.</summary>
    public static async Task<RuntimeFile?> RunningAsync(string dataFolder, CancellationToken ct)
    {
        try
        {
            var runtime = RuntimeFile.Read(DataFolder.RuntimeFileOf(dataFolder));
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
            return (await http.GetAsync(new Uri(runtime.Address, "/healthz"), ct)).IsSuccessStatusCode ? runtime : null;
        }
        catch (Exception e) when (
            e is IOException or HttpRequestException or SocketException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }
}
