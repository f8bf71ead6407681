using System.Net.Sockets;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// The database cannot be reached or is starting. What was asked has not been acknowledged; callers answer 503.
/// </summary>
public sealed class StorageUnavailableException(Exception cause)
    : Exception("The database cannot be reached at the moment; try again shortly.", cause)
{
    /// <summary>It may have been written: it was sent, and the connection broke before the answer.</summary>
    public bool IsInDoubt { get; init; }

    /// <summary>
    /// True for a lost or refused connection, a server that starts or stops, and an exhausted one; false for a bad
    /// statement.
    /// </summary>
    public static bool IsOutage(Exception e) => e switch
    {
        StorageUnavailableException => false,
        PostgresException p =>
            p.SqlState is "57P01" or "57P02" or "57P03" or "53300" or "53100" or "53200" or "58030" or "25006"
            || p.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException n => n.InnerException is not null and not PostgresException || n.IsTransient,
        SocketException or EndOfStreamException => true,
        _ => false,
    };
}

internal static class DataSourceExtensions
{
    /// <summary>Opens a connection and says "unavailable" in the one way callers know.</summary>
    public static async ValueTask<NpgsqlConnection> OpenAsync(this NpgsqlDataSource source, CancellationToken ct)
    {
        try
        {
            return await source.OpenConnectionAsync(ct);
        }
        catch (Exception e) when (
            StorageUnavailableException.IsOutage(e) || (e is NpgsqlException or TimeoutException && !ct.IsCancellationRequested))
        {
            throw new StorageUnavailableException(e);
        }
    }
}
