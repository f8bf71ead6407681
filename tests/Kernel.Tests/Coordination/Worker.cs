using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Coordination;

/// <summary>A node as far as it claims: it lives as long as its change feed does.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly FreshDatabase _database;
    private ChangeFeed _feed;

    private Worker(FreshDatabase database, Node node, ChangeFeed feed, TimeProvider clock, CoordinationOptions options)
    {
        (_database, Node, _feed) = (database, node, feed);
        var with = Options.Create(options);
        Claims = new Claims(database.Db, node, feed, with, clock);
        Keeper = new ClaimKeeper(
            Claims, new Collectors(database.Db, node, with, clock), with, clock, NullLogger<ClaimKeeper>.Instance, () => 0.5);
        Claims.Serve(Claimant);
    }

    public Node Node { get; }

    public string Name => Node.Id.ToString();

    public Claims Claims { get; }

    public ClaimKeeper Keeper { get; }

    public ClaimStore Store => Claims.Store;

    public Claimant Claimant { get; } = new();

    public static async Task<Worker> StartAsync(FreshDatabase database, TimeProvider clock, CoordinationOptions? options = null)
    {
        var node = new Node(Guid.NewGuid(), ["gateway"]);
        return new Worker(database, node, await database.ListenAsync(node), clock, options ?? new CoordinationOptions());
    }

    /// <summary>As a process that is killed: the database sees its connection go.</summary>
    public async Task DieAsync()
    {
        await _feed.StopAsync(CancellationToken.None);
        await TestHost.EventuallyAsync(
            async () => !await _database.Db.Write.ValueAsync<bool>(
                $"select {Node.Id} in (select a.node_id from ({Kernel.Data.Node.Alive}) a)", TestContext.Current.CancellationToken),
            "the database sees it");
    }

    public async Task ReviveAsync() => _feed = await _database.ListenAsync(Node);

    public Task RunAsync() => Keeper.RunAsync(TestContext.Current.CancellationToken).AsTask();

    public async ValueTask DisposeAsync()
    {
        await _feed.StopAsync(CancellationToken.None);
        _feed.Dispose();
        Claims.Dispose();
    }
}

/// <summary>Remembers what it was told to begin and end.</summary>
internal sealed class Claimant : IClaimant
{
    public Platform Platform => Platform.Twitch;

    public IReadOnlyList<string> SupportedEvents => ["said"];

    public List<Claim> Running { get; } = [];

    public List<string> Stopped { get; } = [];

    /// <summary>Thrown by the next start.</summary>
    public Exception? Failure { get; set; }

    public string? LastNote { get; set; }

    public Task StartAsync(Claim claim, CancellationToken ct)
    {
        Running.Add(claim);
        return Failure is { } failure ? Task.FromException(failure) : Task.CompletedTask;
    }

    public Task<string?> StopAsync(Claim claim, CancellationToken ct)
    {
        Running.Remove(claim);
        Stopped.Add(claim.EntityId);
        return Task.FromResult(LastNote);
    }
}
