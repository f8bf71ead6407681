using System.Globalization;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Router.Remote;

/// <summary>
/// The secrets of commands, opened, in memory from their first use on and forgotten when they change.
/// </summary>
internal sealed class CommandSecrets(Secrets secrets, ChangeFeed feed)
{
    private readonly Cached<string?> _known =
        new(feed, "secrets", command => secrets.FindAsync(PlaceOf(command), CancellationToken.None));

    /// <summary>Where a command's secret lies.</summary>
    public static SecretPlace PlaceOf(long command) =>
        new("router.commands", command.ToString(CultureInfo.InvariantCulture), "secret");

    /// <returns>Null when the command has none.</returns>
    public ValueTask<string?> FindAsync(long command, CancellationToken ct) => _known.GetAsync(command, ct);
}
