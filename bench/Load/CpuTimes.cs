using System.ComponentModel;
using System.Diagnostics;

namespace Rookery.Bench.Load;

/// <summary>Processor time of the three that share the machine: server, database and this load.</summary>
internal sealed class CpuTimes
{
    private readonly TimeSpan _server;
    private readonly TimeSpan _load;
    private readonly Dictionary<int, TimeSpan> _database = [];

    private CpuTimes(int server)
    {
        using var process = Process.GetProcessById(server);
        using var self = Process.GetCurrentProcess();
        (_server, _load) = (process.TotalProcessorTime, self.TotalProcessorTime);
        foreach (var backend in Process.GetProcesses().Where(p => p.ProcessName.StartsWith("postgres", StringComparison.Ordinal)))
        {
            using (backend)
            {
                try
                {
                    _database[backend.Id] = backend.TotalProcessorTime;
                }
                catch (Win32Exception)
                {
                    // It has ended.
                }
            }
        }
    }

    public static CpuTimes Now(int server) => new(server);

    /// <summary>Microseconds a message between two moments.</summary>
    public static CpuShare Share(CpuTimes before, CpuTimes after, long messages) => new(
        (after._server - before._server).TotalMicroseconds / messages,
        after._database.Sum(d => (d.Value - before._database.GetValueOrDefault(d.Key)).TotalMicroseconds) / messages,
        (after._load - before._load).TotalMicroseconds / messages);
}

/// <summary>Processor time in microseconds a message.</summary>
internal sealed record CpuShare(double Server, double Database, double Load);
