using System.Globalization;
using Rookery.Kernel.Data;

namespace Rookery.Host.Cli.Doctor;

/// <summary>Which platforms are on, and what their collectors say.</summary>
internal sealed class PlatformChecks(Database db)
{
    public static Finding Settings(PlatformState platform) =>
        Finding.Ok(platform.Name, platform.Off is null ? "on" : $"off, {platform.Off}");

    /// <param name="runs">A server runs, so that its collectors should report.</param>
    public async Task<Finding> LookAsync(PlatformState platform, bool runs, CancellationToken ct)
    {
        if (platform.Off is not null || !runs)
        {
            return Settings(platform);
        }

        var name = platform.Name.ToLowerInvariant();
        var (isActive, held, error) = (await db.Write.ListAsync(
            $"""
            select exists(select from kernel.collector_modules where platform = {name} and status = 'active'),
                (select count(*)::int from kernel.coordination where platform = {name} and claimed_by is not null),
                (select last_error from kernel.coordination where platform = {name} and error_count > 0
                    and last_error is not null order by updated_at desc limit 1)
            """,
            r => (r.GetBoolean(0), r.GetInt32(1), r.IsDBNull(2) ? null : r.GetString(2)),
            ct))[0];
        return (isActive, error) switch
        {
            (_, not null) => Finding.Warn(platform.Name, $"on, but: {error}", "The log of the server says more."),
            (false, _) => Finding.Warn(
                platform.Name,
                "on, but no collector reports",
                "Look at the server's log; one with the role gateway must run. Slack by webhooks has no collector."),
            _ => Finding.Ok(platform.Name, $"on; its collector reports and holds {held.ToString(CultureInfo.InvariantCulture)}"),
        };
    }
}
