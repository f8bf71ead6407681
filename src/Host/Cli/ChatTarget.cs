namespace Rookery.Host.Cli;

/// <summary>The server to talk to and the key to talk with.</summary>
/// <param name="Simulated">The folder of the simulated server that this is, for want of another.</param>
internal sealed record ChatTarget(Uri Address, string Key, string? Simulated = null)
{
    /// <summary>The server of a data folder, unless another is named.</summary>
    /// <exception cref="SandboxClientException">No server runs there, or the key is missing.</exception>
    public static ChatTarget Find(string data, string? url, string? key)
    {
        if (url is not null)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                ? new ChatTarget(
                    address,
                    key ?? throw new SandboxClientException("--url needs --key: an API key of that server with the scope sandbox."))
                : throw new SandboxClientException($"--url takes an address such as http://localhost:5080, not {url}.");
        }

        var folder = DataFolder.InUse(data);
        try
        {
            return new ChatTarget(
                RuntimeFile.Read(DataFolder.RuntimeFileOf(folder)).Address,
                key ?? File.ReadAllText(DataFolder.LocalKeyFileOf(folder)),
                folder == DataFolder.SimulatedOf(data) ? folder : null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SandboxClientException(
                $"No Rookery runs with the data folder {folder}. Start it with ./run, or name a folder with --data or a server with --url and --key.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SandboxClientException(
                $"The data folder {folder} belongs to somebody else. Bring a key of your own: --key rk_…", e);
        }
    }
}
