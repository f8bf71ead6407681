using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Host.Cli;

/// <summary>
/// A key for the sandbox and for workflows that lives as long as the server runs. It lies in the data folder, readable by its
/// owner only, so that <c>rookery chat</c> and <c>rookery workflow</c> work on the same machine without asking for a key.
/// </summary>
internal sealed class LocalKey : IAsyncDisposable
{
    private const string Name = "local chat";
    private static readonly string[] Allowed =
        [Scopes.Sandbox, Scopes.CommunitiesRead, Scopes.WorkflowsRead, Scopes.WorkflowsWrite, Scopes.WorkflowsRun];

    private readonly ApiKeys _keys;
    private readonly string _file;
    private readonly string _owner;

    private LocalKey(ApiKeys keys, DataFolder folder)
    {
        _keys = keys;
        _file = folder.LocalKeyFile;
        _owner = $"{Environment.MachineName}:{folder.Path}";
    }

    /// <summary>Deletes what an earlier server of this data folder left behind.</summary>
    public static async Task<LocalKey> RenewAsync(IServiceProvider services, DataFolder folder, CancellationToken ct)
    {
        var key = new LocalKey(services.GetRequiredService<ApiKeys>(), folder);
        await key.DeleteAsync(ct);
        return key;
    }

    public async Task IssueAsync(CancellationToken ct)
    {
        var (_, secret) = await _keys.CreateAsync(Name, Allowed, null, 0, null, _owner, ct);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var writer = new StreamWriter(_file, options);
        await writer.WriteAsync(secret.AsMemory(), ct);
    }

    /// <summary>When the database is gone already, the next start deletes the key.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await DeleteAsync(limit.Token);
        }
        catch (Exception e) when (e is StorageUnavailableException or OperationCanceledException)
        {
            File.Delete(_file);
        }
    }

    private async Task DeleteAsync(CancellationToken ct)
    {
        await _keys.DeleteAsync(Name, _owner, ct);
        File.Delete(_file);
    }
}
