using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Router.Builtin;
using Rookery.Router.Events;
using Rookery.Router.Executions;
using Rookery.Router.Lanes;
using Rookery.Router.Permissions;
using Rookery.Router.Privacy;
using Rookery.Router.Registry;
using Rookery.Router.Remote;
using Rookery.Router.Responses;
using Rookery.Router.Stats;
using Rookery.Router.Telemetry;

namespace Rookery.Router;

public sealed class RouterModule : IModule
{
    public string Name => "router";

    public void Add(ModuleBuilder module) => module
        .Options<RouterOptions>("Router")
        .Options<RemoteOptions>("Remote")
        .Options<AwsOptions>("Aws")
        .Service<LaneTable>()
        .Service<RouterMetrics>()
        .Service<CommandStore>()
        .Service<PermissionStore>()
        .Service<StatStore>()
        .Service<RecentEvents>()
        .Service<CommandTable>()
        .Service<ICommandList>(p => p.GetRequiredService<CommandTable>())
        .Service<Registrar>()
        .Service<PermissionTable>()
        .Service<Recorder>()
        .Service<ReplySender>()
        .Service<IRemoteTarget>(p => new HttpTarget("container", p.GetRequiredService<TimeProvider>()))
        .Service<IRemoteTarget>(p => new HttpTarget("webhook", p.GetRequiredService<TimeProvider>()))
        .Service<IRemoteTarget>(p => ActivatorUtilities.CreateInstance<LambdaTarget>(p))
        .Service<IRemoteTarget>(_ => new OpenWhiskTarget())
        .Service<CommandSecrets>()
        .Service<CircuitBreakers>()
        .Service<RemoteCaller>()
        .Service<ReplyHandles>()
        .Service<LateResponses>()
        .Service<HandlerCaller>()
        .Service<Executor>()
        .Service<IModuleCalls>(p => ActivatorUtilities.CreateInstance<ModuleCalls>(p))
        .Service<ExecutionStore>()
        .Service<FirstSight>()
        .Service<Screening>()
        .Service<EventRouter>()
        .Service<IEventTransport>(p => p.GetRequiredService<EventRouter>())
        .Command<Help>(
            new CommandSpec("help", "Shows what you can do here.") { Aliases = ["commands"], Usage = ["", "<command>"] })
        .Command<Ping>(new CommandSpec("ping", "Answers, so you see the bot is there.") { Pure = true })
        .Job<LaneTable>()
        .Job<UsageFold>()
        .Job<InterruptedSweep>()
        .Daily("router.command_executions", 90)
        .Daily("router.module_responses", 90)
        .Retention<ResponseKeys>()
        .Aged("router.reply_handles", "created_at", ReplyHandles.KeepDays)
        .Aged("router.rate_limits", "window_start", 7)
        .Aged("router.command_stats_daily", "day", 365)
        .PersonalData<ExecutionData>()
        .PersonalData<RateLimitData>()
        .PersonalData<PermissionData>()
        .Check<LaneCheck>("lanes")
        .Json(RouterJson.Default)
        .MapGlobal(EventEndpoints.Map)
        .MapGlobal(CommandEndpoints.Map)
        .MapGlobal(PermissionEndpoints.Map)
        .MapGlobal(ExecutionEndpoints.Map)
        .MapGlobal(ResponseEndpoints.Map)
        .MapGlobal(StatEndpoints.Map);

    /// <summary>
    /// Puts this build's commands into the table and reads it. Runs after the migrations and before the first event.
    /// </summary>
    public static Task StartAsync(IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<Registrar>().RegisterAsync(
            services.GetServices<RegisteredCommand>(), services.GetServices<RegisteredReaction>(), ct);
}
