using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Tests;

/// <summary>Nodes that share one database and one key ring.</summary>
internal sealed class Cluster(IReadOnlyDictionary<string, string?> settings) : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-cluster-").FullName;
    private readonly List<TestHost> _nodes = [];
    private string _database = "";

    public TestHost this[int node] => _nodes[node];

    public async Task<TestHost> AddAsync()
    {
        if (_database.Length == 0)
        {
            _database = await TestPostgres.CreateDatabaseAsync();
        }

        var ring = KeyRing.Open(Path.Combine(_folder, "keys.json"));
        var node = new TestHost
        {
            ConnectionString = _database,
            Configure = services => services.AddSingleton(ring),
            Settings = new Dictionary<string, string?>(settings, StringComparer.Ordinal)
            {
                ["Coordination:Period"] = "00:00:00.300",
                ["Outbox:Poll"] = "00:00:00.100",
            },
        };
        await node.InitializeAsync();
        _nodes.Add(node);
        return node;
    }

    /// <summary>
    /// Like a process that hangs: the others see it die, it hears of nothing, and what it holds open it goes on holding.
    /// </summary>
    public static async Task KillAsync(TestHost node)
    {
        var services = node.Services.GetServices<IHostedService>().ToList();
        await services.Single(s => s.GetType() is { IsGenericType: true } t && t.GenericTypeArguments[0].Name == "ClaimKeeper")
            .StopAsync(CancellationToken.None);
        await services.OfType<ChangeFeed>().Single().StopAsync(CancellationToken.None);
    }

    public async Task StopAsync(TestHost node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>What each node holds; "" holds what nobody does.</summary>
    public static async Task<IReadOnlyDictionary<string, int>> HoldersAsync(TestHost by) => (await by.Get<Database>().Write.ListAsync(
        $"select coalesce(claimed_by, ''), count(*)::int from kernel.coordination group by 1",
        r => (r.GetString(0), r.GetInt32(1)),
        CancellationToken.None)).ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);

    public static Task HoldAsync(TestHost node, int rows) => TestHost.EventuallyAsync(
        async () => (await HoldersAsync(node)).GetValueOrDefault(node.Get<Node>().Id.ToString()) == rows, $"the node holds {rows} rows");

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (_database.Length > 0)
        {
            await TestPostgres.DropDatabaseAsync(_database);
        }

        Directory.Delete(_folder, recursive: true);
    }
}
