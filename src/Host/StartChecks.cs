using Microsoft.Extensions.Options;
using Rookery.Kernel.Startup;

namespace Rookery.Host;

/// <summary>Whether a platform is on.</summary>
/// <param name="Off">Why it is off; null: it is on.</param>
internal sealed record PlatformState(string Name, string? Off)
{
    /// <exception cref="InvalidOperationException">A setting cannot be read.</exception>
    public static IReadOnlyList<PlatformState> Of(IEnumerable<PlatformSwitch> switches, IConfiguration configuration) =>
        [.. switches.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new PlatformState(s.Name, s.OffBecause(configuration)))];
}

/// <summary>Tells what the settings say before anything is done: what is wrong stops the start.</summary>
internal static partial class StartChecks
{
    /// <summary>Keys that are read one by one.</summary>
    private static readonly BoundSection[] Others =
        [new("ConnectionStrings", ["Primary", "Replica"]), new("Schema", ["AllowDrift"])];

    /// <exception cref="OptionsValidationException">A setting is not allowed.</exception>
    public static void Run(WebApplication app)
    {
        // The host would do it too, but late and with a stack trace in the log.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        foreach (var unknown in UnknownSettings.In(app.Configuration, [.. app.Services.GetServices<BoundSection>(), .. Others]))
        {
            Unknown(app.Logger, unknown);
        }

        foreach (var platform in PlatformState.Of(app.Services.GetServices<PlatformSwitch>(), app.Configuration))
        {
            Tell(app.Logger, platform.Name, platform.Off is null ? "on" : $"off, {platform.Off}");
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Unknown}")]
    private static partial void Unknown(ILogger log, string unknown);

    [LoggerMessage(LogLevel.Information, "{Platform}: {State}")]
    private static partial void Tell(ILogger log, string platform, string state);
}
