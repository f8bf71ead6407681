using Npgsql;
using Rookery.Kernel.Data;

namespace Rookery.Workflows.Execution;

/// <summary>What keeps this server from going on with a run.</summary>
internal static class Failures
{
    /// <summary>True when it is over after a while: the run is left where it is on record and is taken up again. Otherwise it would fail again.</summary>
    public static bool MayPass(Exception e) =>
        e is StorageUnavailableException or NpgsqlException { IsTransient: true } || StorageUnavailableException.IsOutage(e);

    /// <summary>What people are told who look at the run.</summary>
    public static RunEnd End(Exception e) => e switch
    {
        ReplayException => new RunEnd("failed", "not_resumable", $"The run cannot go on: {e.Message}"),
        PostgresException p when p.SqlState.StartsWith("22", StringComparison.Ordinal) =>
            new RunEnd("failed", "not_storable", $"The database does not take what the run was to keep: {p.MessageText}"),
        _ => new RunEnd("failed", "internal", "The server could not go on with the run; its log says why."),
    };
}

/// <summary>The rows of a run do not lead the way that its version goes.</summary>
internal sealed class ReplayException(string message) : Exception(message);
