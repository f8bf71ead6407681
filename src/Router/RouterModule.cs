using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Router.Builtin;
using Rookery.Router.Events;
using Rookery.Router.Executions;
using Rookery.Router.Lanes;
using Rookery.Router.Permissions;
using Rookery.Router.Registry;
using Rookery.Router.Remote;

namespace Rookery.Router;

public sealed class RouterModule : IModule
{
    public string Name => "router";

    public void Add(ModuleBuilder module) => module
        .Options<RouterOptions>()
        .Service<LaneTable>()
        .Service<RecentEvents>()
        .Service<CommandTable>()
        .Service<Registrar>()
        .Service<PermissionTable>()
        .Service<Recorder>()
        .Service<ReplySender>()
        .Service<RemoteCaller>()
        .Service<Executor>()
        .Service<ExecutionStore>()
        .Service<FirstSight>()
        .Service<Screening>()
        .Service<EventRouter>()
        .Service<IEventTransport>(p => p.GetRequiredService<EventRouter>())
        .Command<Help>(new CommandSpec("help", "Shows what you can do here.") { Aliases = ["commands"], Usage = ["", "<command>"] })
        .Command<Ping>(new CommandSpec("ping", "Answers, so you see the bot is there.") { Pure = true })
        .Job<LaneTable>()
        .Job<UsageFold>()
        .Job<InterruptedSweep>()
        .Daily("router.command_executions", 90)
        .Daily("router.module_responses", 90)
        .Json(RouterJson.Default)
        .MapGlobal(EventEndpoints.Map);

    /// <summary>Puts this build's commands into the table and reads it. Runs after the migrations and before the first event.</summary>
    public static Task StartAsync(IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<Registrar>().RegisterAsync(
            services.GetServices<RegisteredCommand>(), services.GetServices<RegisteredReaction>(), ct);
}
