using Rookery.Kernel.Auditing;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Security;
using Rookery.Kernel.Settings;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Telemetry;
using Rookery.Kernel.Web;

namespace Rookery.Kernel;

/// <summary>What the kernel itself adds the way modules do: its routes, its personal data, its retention.</summary>
public sealed class KernelModule : IModule
{
    private const int FiveYears = 5 * 365;

    public string Name => "kernel";

    public void Add(ModuleBuilder module)
    {
        module
            .Service<CommunityStore>()
            .Service<MemberStore>()
            .Service<EntityStore>()
            .Service<PersonalDataRegistry>()
            .Options<CoordinationOptions>("Coordination")
            .Service<CoordinationStore>()
            .Service<ServerStore>()
            .Service<Claims>()
            .Service<Collectors>()
            .Hosted<ClaimKeeper>()
            .GatewayJob<ClaimKeeper>()
            .Options<SignInOptions>("SignIn")
            .Service<SignInAddress>()
            .Service<SessionCookie>()
            .Service<SessionStore>()
            .Service<Sessions>()
            .Service<SignInLimits>()
            .Service<SignInFlow>()
            .Service<SessionGate>()
            .Service<GuildGate>()
            .Check<DatabaseCheck>("database")
            .Check<MigrationsCheck>("migrations")
            .Check<ChangeFeedCheck>("change_feed")
            .PersonalData<MemberRoleData>()
            .PersonalData<OwnershipData>()
            .PersonalData<OutboxData>()
            .PersonalData<ActorData>()
            .PersonalData<SettingData>()
            .PersonalData<PlatformPersonalData>()
            .PersonalData<SignInData>()
            .Retention<OutboxRetention>()
            .Retention<AuditRetention>()
            .Retention<NodeRetention>()
            .Aged("kernel.timers", "failed_at", 30)
            .Aged("kernel.settings_history", "changed_at", FiveYears)
            .Aged("kernel.collector_modules", "last_heartbeat", 7)
            .Aged("kernel.sign_ins", "expires_at", 7)
            .Daily("kernel.inbox", 1 + Inbox.WindowDays)
            .Json(KernelJson.Default)
            .MapGlobal(CommunityEndpoints.Map)
            .MapGlobal(MemberEndpoints.Map)
            .MapGlobal(EntityEndpoints.Map)
            .MapGlobal(SettingEndpoints.Map)
            .MapGlobal(AuditEndpoints.Map)
            .MapGlobal(KeyEndpoints.Map)
            .MapGlobal(PersonalDataEndpoints.Map)
            .MapGlobal(CoordinationEndpoints.Map)
            .MapGlobal(ServerEndpoints.Map)
            .MapGlobal(SessionEndpoints.Map)
            .MapRoot(SignInEndpoints.Map);
        foreach (var platform in new[] { "discord", "twitch", "slack" })
        {
            module.Daily($"{platform}.{platform}_events", 30).Daily($"{platform}.{platform}_activities", 365);
        }
    }
}
