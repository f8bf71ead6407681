using System.Collections.Concurrent;
using System.Globalization;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Router.Remote;

/// <summary>
/// The secrets of commands, opened, in memory from their first use on and forgotten when they change.
/// </summary>
internal sealed class CommandSecrets
{
    private readonly Secrets _secrets;
    private readonly ConcurrentDictionary<long, Task<string?>> _known = new();

    public CommandSecrets(Secrets secrets, ChangeFeed feed)
    {
        _secrets = secrets;
        feed.On("secrets", Forget);
    }

    /// <summary>Where a command's secret lies.</summary>
    public static SecretPlace PlaceOf(long command) =>
        new("router.commands", command.ToString(CultureInfo.InvariantCulture), "secret");

    /// <returns>Null when the command has none.</returns>
    public async ValueTask<string?> FindAsync(long command)
    {
        // What is kept is the reading, not its result: one that began before a change is thrown away with it.
        var reading = _known.GetOrAdd(
            command, static (id, secrets) => secrets.FindAsync(PlaceOf(id), CancellationToken.None), _secrets);
        try
        {
            return await reading;
        }
        catch
        {
            _known.TryRemove(KeyValuePair.Create(command, reading));
            throw;
        }
    }

    private void Forget(string rowKey)
    {
        if (long.TryParse(rowKey, CultureInfo.InvariantCulture, out var command))
        {
            _known.TryRemove(command, out _);
        }
        else
        {
            _known.Clear();
        }
    }
}
