using System.CommandLine;
using Npgsql;

namespace Rookery.Host.Cli;

/// <summary>
/// One call of the program: its options, the data folder it is about, and its settings from appsettings.json,
/// settings.json of that folder, the environment and the command line.
/// </summary>
internal sealed record Invocation(
    ParseResult Parsed, string DataFolder, IReadOnlyList<string> Settings, IConfiguration Configuration)
{
    /// <summary>A simulated server keeps to a folder and a database of its own.</summary>
    public bool IsSimulated => DataFolder == Host.DataFolder.SimulatedOf(Parsed.GetValue(Verb.Data)!);

    /// <exception cref="InvalidOperationException">It is none.</exception>
    public int Port => Parsed.GetValue(Verb.Port) is >= 0 and <= 65_535 and var port
        ? port
        : throw new InvalidOperationException("--port takes 1 to 65535, or 0 for any that is free.");

    public bool HasPort => Parsed.GetResult(Verb.Port) is { Implicit: false };

    /// <summary>The user's own server; null: the embedded one.</summary>
    public string? Primary => IsSimulated ? null : Connection("Primary");

    public string? Replica => IsSimulated ? null : Connection("Replica");

    public static Invocation Of(ParseResult parsed, string dataFolder)
    {
        var settings = parsed.UnmatchedTokens;
        if (settings.FirstOrDefault(s => !IsSetting(s)) is { } strange)
        {
            throw new InvalidOperationException(
                $"'{strange}' is no option. Settings look like --Section:Name=value; the others: --help shows them.");
        }

        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddJsonFile(Host.DataFolder.SettingsFileOf(dataFolder), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine([.. settings])
            .Build();
        return new Invocation(parsed, dataFolder, settings, configuration);
    }

    public static bool IsSetting(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal)
            && argument.Split('=', 2) is [var name, _]
            && name.Contains(':', StringComparison.Ordinal);

    private string? Connection(string name)
    {
        var text = Configuration.GetConnectionString(name);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(text).ConnectionString;
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{name} cannot be read ({e.Message}). It looks like Host=db;Database=rookery;Username=rookery;Password=…", e);
        }
    }
}
