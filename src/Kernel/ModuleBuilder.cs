using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.Settings;
using Rookery.Kernel.Startup;

namespace Rookery.Kernel;

/// <summary>A command with the module it belongs to and the handler behind it.</summary>
public sealed record RegisteredCommand(string Module, string Version, CommandSpec Spec, ICommand Handler);

/// <summary>A reaction with the module it belongs to.</summary>
public sealed record RegisteredReaction(string Module, string Version, ReactionSpec Spec, IReaction Handler);

/// <summary>
/// Routes a module adds. <paramref name="InCommunity"/>: under <c>/api/v1/communities/{community_id}/{module}</c>;
/// <paramref name="AtRoot"/>: as they are; else under <c>/api/v1</c>.
/// </summary>
public sealed record RegisteredRoutes(
    string Module, bool InCommunity, Action<RouteGroupBuilder> Map, bool AtRoot = false);

/// <summary>The only way a module plugs in: one method per thing a module can add.</summary>
public sealed class ModuleBuilder(
    IModule module, IServiceCollection services, bool runsJobs, bool runsGateways = true)
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(3);

    private readonly string _version = module.GetType().Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>
    /// Binds <typeparamref name="T"/> to <c>Modules:{module}</c> and checks it before the host starts.
    /// </summary>
    public ModuleBuilder Options<T>()
        where T : class
        => Options<T>($"Modules:{module.Name}");

    /// <summary>Binds <typeparamref name="T"/> to a section that is named after a concern of its own.</summary>
    public ModuleBuilder Options<T>(string section)
        where T : class
    {
        services.AddSettings<T>(section);
        return this;
    }

    /// <summary>
    /// Binds <typeparamref name="T"/> to <c>Platforms:{name}</c>; the start and <c>rookery doctor</c> tell whether it is on.
    /// </summary>
    /// <param name="name">For people: Discord.</param>
    public ModuleBuilder Platform<T>(string name)
        where T : class, IPlatformOptions, new()
    {
        var section = $"Platforms:{name}";
        services.AddSingleton(
            new PlatformSwitch(name, c => (c.GetSection(section).Get<T>() ?? new T()).OffBecause));
        return Options<T>(section);
    }

    public ModuleBuilder Service<T>()
        where T : class
    {
        services.AddSingleton<T>();
        return this;
    }

    public ModuleBuilder Service<T>(Func<IServiceProvider, T> make)
        where T : class
    {
        services.AddSingleton(make);
        return this;
    }

    public ModuleBuilder Command<T>(CommandSpec spec)
        where T : class, ICommand
    {
        services.AddSingleton<T>();
        services.AddSingleton(p => new RegisteredCommand(module.Name, _version, spec, p.GetRequiredService<T>()));
        return this;
    }

    public ModuleBuilder Reaction<T>(ReactionSpec spec)
        where T : class, IReaction
    {
        services.AddSingleton<T>();
        services.AddSingleton(p => new RegisteredReaction(module.Name, _version, spec, p.GetRequiredService<T>()));
        return this;
    }

    /// <summary>Looks at every message before commands are read.</summary>
    public ModuleBuilder Screen<T>()
        where T : class, IMessageScreen
        => Also<IMessageScreen, T>();

    /// <summary>Is told of every event that moderation let through.</summary>
    public ModuleBuilder Hook<T>()
        where T : class, IActivityHook
        => Also<IActivityHook, T>();

    public ModuleBuilder Sender<T>()
        where T : class, ISender
        => Also<ISender, T>();

    public ModuleBuilder Timer<T>()
        where T : class, ITimerHandler
        => Also<ITimerHandler, T>();

    public ModuleBuilder Job<T>()
        where T : class, IJob
    {
        services.TryAddSingleton<T>();
        if (runsJobs)
        {
            services.AddHostedService<JobRunner<T>>();
        }

        return this;
    }

    /// <summary>A job of every node that talks with platforms, for what that node alone has.</summary>
    public ModuleBuilder GatewayJob<T>()
        where T : class, IJob
    {
        services.TryAddSingleton<T>();
        if (runsGateways)
        {
            services.AddHostedService<JobRunner<T>>();
        }

        return this;
    }

    /// <summary>Runs as long as the server does, on nodes that talk with platforms.</summary>
    public ModuleBuilder Hosted<T>()
        where T : class, IHostedService
    {
        services.TryAddSingleton<T>();
        if (runsGateways)
        {
            services.AddHostedService(p => p.GetRequiredService<T>());
        }

        return this;
    }

    /// <summary>Runs as long as the server does, on every node.</summary>
    public ModuleBuilder Always<T>()
        where T : class, IHostedService
    {
        services.TryAddSingleton<T>();
        services.AddHostedService(p => p.GetRequiredService<T>());
        return this;
    }

    public ModuleBuilder Setting(Setting setting)
    {
        services.AddSingleton(setting);
        return this;
    }

    public ModuleBuilder PersonalData<T>()
        where T : class, IPersonalData
        => Also<IPersonalData, T>();

    public ModuleBuilder Retention<T>()
        where T : class, IRetention
        => Also<IRetention, T>();

    /// <summary>Has partitions made and dropped for a table that is cut into days.</summary>
    public ModuleBuilder Daily(string table, int keepDays)
    {
        services.AddSingleton(new DailyTable(table, keepDays));
        return this;
    }

    /// <summary>
    /// Has rows deleted when <paramref name="column"/>, a date or moment, is older than <paramref name="keepDays"/>.
    /// </summary>
    /// <param name="when">A further condition, in SQL.</param>
    public ModuleBuilder Aged(string table, string column, int keepDays, string when = "true")
    {
        services.AddSingleton(new AgedTable(table, column, keepDays, when));
        return this;
    }

    /// <summary>A condition without which this node is not ready; <c>/readyz</c> names it.</summary>
    public ModuleBuilder Check<T>(string name)
        where T : class, IHealthCheck
    {
        services.TryAddSingleton<T>();
        services.AddHealthChecks().AddCheck<T>(name, timeout: CheckTimeout);
        return this;
    }

    /// <summary>Adds generated JSON code for the module's own types.</summary>
    public ModuleBuilder Json(JsonSerializerContext context)
    {
        services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, context));
        return this;
    }

    /// <summary>
    /// Maps routes under <c>/api/v1/communities/{community_id}/{module}</c>; the group refuses strangers' keys.
    /// </summary>
    public ModuleBuilder Map(Action<RouteGroupBuilder> map)
    {
        services.AddSingleton(new RegisteredRoutes(module.Name, InCommunity: true, map));
        return this;
    }

    /// <summary>Maps routes under <c>/api/v1/{module}</c>.</summary>
    public ModuleBuilder MapGlobal(Action<RouteGroupBuilder> map)
    {
        services.AddSingleton(new RegisteredRoutes(module.Name, InCommunity: false, map));
        return this;
    }

    /// <summary>Maps routes whose addresses are told to others, such as webhooks of platforms: nothing is put before them.</summary>
    public ModuleBuilder MapRoot(Action<RouteGroupBuilder> map)
    {
        services.AddSingleton(new RegisteredRoutes(module.Name, InCommunity: false, map, AtRoot: true));
        return this;
    }

    private ModuleBuilder Also<TContract, T>()
        where TContract : class
        where T : class, TContract
    {
        services.AddSingleton<T>();
        services.AddSingleton<TContract>(p => p.GetRequiredService<T>());
        return this;
    }
}
