using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Host.Cli;

/// <summary><c>rookery serve</c>: runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    private static readonly Option<int> Port = new("--port") { Description = "Port of the web pages and the API.", DefaultValueFactory = _ => 5080 };
    private static readonly Option<string> Listen = new("--listen") { Description = "Address to listen on; 0.0.0.0 for all.", DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<string> Data = new("--data") { Description = "Folder for everything Rookery keeps.", DefaultValueFactory = _ => ".rookery" };
    private static readonly Option<string> RoleNames = new("--roles") { Description = "gateway,router,jobs,web: what this process does.", DefaultValueFactory = _ => "all" };

    public static Command Make()
    {
        var command = new Command("serve", "Runs the server. Any setting can follow as --Section:Name=value.") { Port, Listen, Data, RoleNames };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, ct) =>
        {
            try
            {
                return await RunAsync(parsed, ct);
            }
            catch (InvalidOperationException e)
            {
                await Console.Error.WriteLineAsync($"Rookery did not start: {e.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var settings = parsed.UnmatchedTokens;
        if (settings.FirstOrDefault(s => !s.StartsWith("--", StringComparison.Ordinal) || !s.Contains('=', StringComparison.Ordinal)) is { } strange)
        {
            throw new InvalidOperationException($"'{strange}' is no option. Settings look like --Section:Name=value; the others: rookery serve --help.");
        }

        var roles = Enum.TryParse<ServerRoles>(parsed.GetValue(RoleNames), ignoreCase: true, out var r)
            ? r
            : throw new InvalidOperationException("--roles takes gateway, router, jobs and web, separated by commas, or all.");
        var options = new ServerOptions(parsed.GetValue(Listen)!, parsed.GetValue(Port), roles, settings);
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine([.. settings])
            .Build();

        using var folder = DataFolder.Open(parsed.GetValue(Data)!);
        var primary = configuration.GetConnectionString("Primary");
        var embedded = primary is null ? await EmbeddedPostgres.StartAsync(folder.Path, Console.WriteLine, ct) : null;
        try
        {
            await using var app = Server.Build(options, configuration, primary ?? embedded!.ConnectionString, configuration.GetConnectionString("Replica"), KeyRing.Open(folder.KeyRing));
            await ServeAsync(app, options, folder, ct);
        }
        finally
        {
            if (embedded is not null)
            {
                await embedded.StopAsync(CancellationToken.None);
            }
        }

        return 0;
    }

    private static async Task ServeAsync(WebApplication app, ServerOptions options, DataFolder folder, CancellationToken ct)
    {
        await Server.PrepareAsync(app, ct);
        var firstKey = await EnsureAdminKeyAsync(app.Services, ct);
        await app.StartAsync(ct);
        var address = $"http://{(options.Listen is "0.0.0.0" or "127.0.0.1" ? "localhost" : options.Listen)}:{options.Port.ToString(CultureInfo.InvariantCulture)}";
        await File.WriteAllTextAsync(folder.RuntimeFile, JsonSerializer.Serialize(new { address, pid = Environment.ProcessId }), ct);
        Console.WriteLine();
        if (firstKey is null)
        {
            Console.WriteLine($"  Rookery is ready: {address}/");
        }
        else
        {
            Console.WriteLine($"  Rookery is ready: {address}/#key={firstKey}");
            Console.WriteLine($"  Your admin key (shown this once, so keep it): {firstKey}");
        }

        Console.WriteLine("  Ctrl-C stops it.");
        Console.WriteLine();
        await app.WaitForShutdownAsync(ct);
    }

    /// <returns>The key that was made because there was none yet; else null.</returns>
    private static async Task<string?> EnsureAdminKeyAsync(IServiceProvider services, CancellationToken ct)
    {
        var keys = services.GetRequiredService<ApiKeys>();
        if (Environment.GetEnvironmentVariable("ROOKERY_ADMIN_KEY") is { Length: > 0 } chosen)
        {
            await keys.EnsureAdminAsync(chosen, ct);
            return null;
        }

        return await keys.AnyAsync(ct) ? null : (await keys.CreateAsync("first admin", [Scopes.Admin], null, 0, null, "first start", ct)).Secret;
    }
}
