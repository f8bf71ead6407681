using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Startup;

namespace Rookery.Host.Cli;

/// <summary><c>rookery serve</c>: runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    private static readonly Option<string> Listen =
        new("--listen") { Description = "Address to listen on; 0.0.0.0 for all.", DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<string> RoleNames =
        new("--roles") { Description = "gateway,router,jobs,web: what this process does.", DefaultValueFactory = _ => "all" };

    private static readonly Option<bool> Simulate =
        new("--simulate") { Description = "Talks with simulated platforms, for trying things without accounts; keeps nothing." };

    public static Command Make()
    {
        var command = Verb.Make(
            "serve", "Runs the server. Any setting can follow as --Section:Name=value.", RunAsync, FolderOf);
        command.Add(Verb.Port);
        command.Add(Listen);
        command.Add(RoleNames);
        command.Add(Simulate);
        return command;
    }

    private static string FolderOf(ParseResult parsed) => parsed.GetValue(Simulate)
        ? DataFolder.SimulatedOf(parsed.GetValue(Verb.Data)!)
        : Path.GetFullPath(parsed.GetValue(Verb.Data)!);

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken ct)
    {
        var roles = Enum.TryParse<ServerRoles>(invocation.Parsed.GetValue(RoleNames), ignoreCase: true, out var r)
            ? r
            : throw new InvalidOperationException(
                "--roles takes gateway, router, jobs and web, separated by commas, or all.");
        var options = new ServerOptions(
            invocation.Parsed.GetValue(Listen)!, invocation.Port, roles, invocation.Settings);
        using var folder = DataFolder.Open(invocation.DataFolder);
        RequireFree(options);
        if (invocation.IsSimulated)
        {
            await ForgetAsync(folder, ct);
        }

        var embedded = invocation.Primary is null
            ? await EmbeddedPostgres.StartAsync(folder.Path, Console.WriteLine, ct)
            : null;
        try
        {
            await using var simulation = invocation.IsSimulated ? await Simulation.StartAsync(ct) : null;
            await using var app = Server.Build(
                options,
                new ConfigurationBuilder()
                    .AddConfiguration(invocation.Configuration)
                    .AddInMemoryCollection(simulation?.Settings)
                    .Build(),
                invocation.Primary ?? embedded!.ConnectionString,
                invocation.Replica,
                KeyRing.Open(folder.KeyRing),
                services => Supervise(services, embedded));
            await ServeAsync(app, options, folder, simulation, ct);
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

    /// <summary>
    /// The simulated platforms know nothing of their last run, so what a server stored of it would contradict them.
    /// </summary>
    private static async Task ForgetAsync(DataFolder folder, CancellationToken ct)
    {
        if (EmbeddedPostgres.ConnectionStringOf(folder.Path) is not null)
        {
            // A killed server left it running.
            var left = await EmbeddedPostgres.StartAsync(folder.Path, Console.WriteLine, ct);
            await left.StopAsync(ct);
        }

        folder.Wipe();
        Console.WriteLine($"Simulating: everything is kept in {folder.Path} and forgotten at the next start.");
    }

    /// <summary>Asked before anything is made; the start itself would say it late and at length.</summary>
    private static void RequireFree(ServerOptions options)
    {
        if (!IPAddress.TryParse(options.Listen, out var address))
        {
            throw new InvalidOperationException("--listen takes an IP address: 127.0.0.1, or 0.0.0.0 for all.");
        }

        try
        {
            using var probe = new TcpListener(address, options.Port);
            probe.Start();
        }
        catch (SocketException e)
        {
            throw new InvalidOperationException(
                $"Port {options.Port.ToString(CultureInfo.InvariantCulture)} of {options.Listen} cannot be used ({e.Message}). "
                + "Stop the program that has it, or choose another with --port.",
                e);
        }
    }

    private static void Supervise(IServiceCollection services, EmbeddedPostgres? embedded)
    {
        if (embedded is not null)
        {
            services.AddSingleton(embedded).AddHostedService<DatabaseSupervisor>();
        }
    }

    private static async Task ServeAsync(
        WebApplication app, ServerOptions options, DataFolder folder, Simulation? simulation, CancellationToken ct)
    {
        await Server.PrepareAsync(app, ct);
        await using var localKey = await LocalKey.RenewAsync(app.Services, folder, ct);
        await localKey.IssueAsync(ct);
        await app.StartAsync(ct);

        // Last of all: a start that fails before it can show the key must not have made it.
        var firstKey = await EnsureAdminKeyAsync(app.Services, ct);
        var port = new Uri(app.Urls.First()).Port;
        var address =
            $"http://{(options.Listen is "0.0.0.0" or "127.0.0.1" ? "localhost" : options.Listen)}:{port.ToString(CultureInfo.InvariantCulture)}";
        var platforms = PlatformState.Of(app.Services.GetServices<PlatformSwitch>(), app.Configuration);
        await RuntimeFile.WriteAsync(
            folder.RuntimeFile, new RuntimeFile(new Uri(address), Environment.ProcessId, platforms), ct);
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
        if (simulation is not null)
        {
            await simulation.LogInAsync(app.Configuration, new Uri(address), ct);
            simulation.Explain(Console.Out, new Uri(address));
        }

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

        return await keys.AnyAdminAsync(ct)
            ? null
            : (await keys.CreateAsync("first admin", [Scopes.Admin], null, 0, null, "first start", ct)).Secret;
    }
}
