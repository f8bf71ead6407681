using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Router;

namespace Rookery.Host;

/// <summary>How a server is started; from the command line, the environment and appsettings.json.</summary>
internal sealed record ServerOptions(string Listen, int Port, ServerRoles Roles, IReadOnlyList<string> Settings);

/// <summary>
/// Puts the parts together: services, middleware, routes, and what must be done before the first request.
/// </summary>
internal static class Server
{
    private const int MaxBody = 1024 * 1024;

    public static WebApplication Build(
        ServerOptions options,
        IConfiguration configuration,
        string primary,
        string? replica,
        KeyRing ring,
        Action<IServiceCollection>? also = null)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddConfiguration(configuration);
        builder.Logging.ClearProviders().AddSimpleConsole(c =>
        {
            c.SingleLine = true;
            c.TimestampFormat = "HH:mm:ss ";
        });
        builder.WebHost.UseUrls($"http://{options.Listen}:{options.Port.ToString(CultureInfo.InvariantCulture)}");
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = MaxBody;
        });
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.Services.AddProblemDetails(p => p.CustomizeProblemDetails = Failures.Explain);
        builder.Services.Configure<RouteHandlerOptions>(r => r.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(o => KernelJson.Configure(o.SerializerOptions));
        builder.Services.AddOpenApi(OpenApi.Configure);
        builder.Services.AddKernel(
            Source(primary, "rookery"),
            replica is null ? null : Source(replica, "rookery-read"),
            ring,
            new Node(Guid.NewGuid(), [.. options.Roles.ToString().ToLowerInvariant().Split(", ")]),
            runsJobs: options.Roles.HasFlag(ServerRoles.Jobs));
        foreach (var module in ModuleList.All)
        {
            builder.Services.AddSingleton(new SchemaOwner(module.Name, module.GetType().Assembly));
            module.Add(new ModuleBuilder(
                module,
                builder.Services,
                options.Roles.HasFlag(ServerRoles.Jobs),
                options.Roles.HasFlag(ServerRoles.Gateway)));
        }

        also?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = Failures.AnswerAsync,
            SuppressDiagnosticsCallback = c => Failures.IsExpected(c.Exception),
        });
        app.Use(SecurityHeaders.AddAsync);
        app.UseStatusCodePages(Pages.ExplainAsync);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30) });
        app.UseDefaultFiles();
        app.UseStaticFiles(Pages.Options);
        app.UseRouting();
        app.UseApiKeys();
        var database = app.Services.GetRequiredService<Database>();
        app.Use(async (http, next) =>
        {
            using var scope = database.BeginRequest();
            await next(http);
        });
        MapRoutes(app);
        return app;
    }

    /// <summary>Migrations, partitions, commands: what must stand before the first request.</summary>
    public static async Task PrepareAsync(WebApplication app, CancellationToken ct)
    {
        var services = app.Services;
        StartChecks.Run(app);
        var migrator = services.GetRequiredService<Migrator>();
        await migrator.ApplyAsync(Owners, ct);
        await CommittedSchema.RequireAsync(
            services.GetRequiredService<Database>(), migrator, app.Configuration.GetValue<bool>("Schema:AllowDrift"), app.Logger, ct);
        await services.GetRequiredService<Partitions>().EnsureAsync(ct);
        await services.GetRequiredService<Secrets>().RequireKeysAsync(services.GetRequiredService<KeyRing>(), ct);
        await RouterModule.StartAsync(services, ct);
    }

    /// <summary>Whose migrations there are.</summary>
    public static IReadOnlyList<SchemaOwner> Owners { get; } =
        [.. ModuleList.All.Select(m => new SchemaOwner(m.Name, m.GetType().Assembly))];

    /// <summary>For use outside the server, where nothing is logged.</summary>
    public static Migrator MigratorOf(NpgsqlDataSource source) =>
        new(source, TimeProvider.System, NullLogger<Migrator>.Instance);

    public static NpgsqlDataSource Source(string connectionString, string name)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = name };
        builder.MaxAutoPrepare = builder.MaxAutoPrepare == 0 ? 200 : builder.MaxAutoPrepare;
        builder.AutoPrepareMinUsages = 2;
        builder.Timeout = Math.Min(builder.Timeout, 5);
        builder.CommandTimeout = Math.Min(builder.CommandTimeout, 30);
        builder.MaxPoolSize = Math.Min(builder.MaxPoolSize, 40);
        return new NpgsqlDataSourceBuilder(builder.ConnectionString) { Name = name }.Build();
    }

    /// <summary>The tables that are cut into days, as the modules declare them.</summary>
    public static IReadOnlyList<DailyTable> DailyTables() => Declared<DailyTable>();

    /// <summary>What the modules declare of a kind, for use outside the server.</summary>
    public static IReadOnlyList<T> Declared<T>()
    {
        var services = new ServiceCollection();
        foreach (var module in ModuleList.All)
        {
            module.Add(new ModuleBuilder(module, services, runsJobs: false));
        }

        return [.. services.Where(s => s.ServiceType == typeof(T)).Select(s => (T)s.ImplementationInstance!)];
    }

    private static void MapRoutes(WebApplication app)
    {
        HealthEndpoints.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json").NeedsNoKey();
        var api = app.MapGroup("/api/v1");
        foreach (var routes in app.Services.GetServices<RegisteredRoutes>())
        {
            var group = routes.AtRoot ? app.MapGroup("")
                : routes.InCommunity
                ? api.MapGroup($"/communities/{{community_id:long}}/{routes.Module}").KeepsToCommunity()
                : api.MapGroup("");
            routes.Map(group);
        }
    }
}
