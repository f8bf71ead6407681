using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rookery.Kernel.Data;
using Xunit;

namespace Rookery.Testing;

/// <summary>A real, migrated PostgreSQL database for one test class (as a class fixture) or one test.</summary>
public sealed class FreshDatabase : IAsyncLifetime
{
    public string ConnectionString { get; private set; } = "";

    public NpgsqlDataSource Source { get; private set; } = null!;

    public Database Db { get; private set; } = null!;

    public Node Node { get; } = new(Guid.NewGuid(), ["test"]);

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await TestPostgres.CreateDatabaseAsync();
        Source = Host.Server.Source(ConnectionString, "test");
        Db = new Database(Source);
        await new Partitions(Db, Host.Server.DailyTables(), TimeProvider.System).EnsureAsync(CancellationToken.None);
        await new Partitions(Db, Host.Server.DailyTables(), new ManualClock()).EnsureAsync(CancellationToken.None);
    }

    /// <summary>A change feed of a node of its own, which listens to this database until it is stopped.</summary>
    public async Task<ChangeFeed> ListenAsync(Node? node = null)
    {
        var feed = new ChangeFeed(
            Source, node ?? new Node(Guid.NewGuid(), ["test"]), TimeProvider.System, NullLogger<ChangeFeed>.Instance);
        await feed.StartAsync(CancellationToken.None);
        await feed.Listening.WaitAsync(TimeSpan.FromSeconds(10));
        return feed;
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await TestPostgres.DropDatabaseAsync(ConnectionString);
    }
}
