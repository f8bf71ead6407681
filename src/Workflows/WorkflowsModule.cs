using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Workflows.Api;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Schedules;
using Rookery.Workflows.Signing;
using Rookery.Workflows.Templates;
using Rookery.Workflows.Triggers;
using Rookery.Workflows.Webhooks;

namespace Rookery.Workflows;

public sealed class WorkflowsModule : IModule
{
    public string Name => "workflows";

    public void Add(ModuleBuilder module)
    {
        AddRuns(module);
        AddTriggers(module);
        AddSchedulesAndTemplates(module);
        AddApi(module);
    }

    private static void AddRuns(ModuleBuilder module) => module
        .Options<WorkflowOptions>()
        .Service<Definitions>()
        .Service<WorkflowStore>()
        .Service<Journal>()
        .Service<Globals>()
        .Service<Steps>()
        .Service<Calls>()
        .Service<Driver>()
        .Service<RunBell>()
        .Service<RefusedStarts>()
        .Always<Runner>()
        .Always<WatchCancels>()
        .Job<TakeUpRuns>()
        .Aged("workflows.workflow_executions", "completed_at", 30, "completed_at is not null")
        .Json(WorkflowsJson.Default);

    private static void AddTriggers(ModuleBuilder module) => module
        .Options<WebhookOptions>("Modules:workflows:Webhooks")
        .Service<Cooldowns>()
        .Service<CommandStarts>()
        .Service<CommandNames>()
        .Service<IChannelCommands>(p => ActivatorUtilities.CreateInstance<WorkflowCommands>(p))
        .Command<ListWorkflows>(new CommandSpec(WorkflowCommands.ListName, "Lists the commands that workflows answer to here."))
        .Hook<EventStarts>()
        .Always<TriggerTable>()
        .Service<WebhookStore>()
        .Service<WebhookTable>()
        .Service<WebhookCalls>()
        .Service<CallLimiter>()
        .Service<RefusedCalls>()
        .Service<Deliveries>()
        .Job<FoldDeliveries>()
        .Aged("workflows.workflow_webhook_deliveries", "received_at", 30)
        .Aged("workflows.workflow_webhook_signatures", "seen_at", 1)
        .Aged("workflows.workflow_cooldowns", "until", 1)
        .Map(WebhookEndpoints.Map)
        .Map(DeliveryEndpoints.Map)
        .MapGlobal(CallEndpoint.Map);

    private static void AddSchedulesAndTemplates(ModuleBuilder module) => module
        .Service<ScheduleStore>()
        .Timer<FireSchedule>()
        .Service<TemplateStore>()
        .Always<ShippedTemplates>()
        .Map(ScheduleEndpoints.Map)
        .Map(TemplateEndpoints.Map);

    private static void AddApi(ModuleBuilder module)
    {
        foreach (var setting in WorkflowLimits.All)
        {
            module.Setting(setting);
        }

        module
            .Service<WorkflowLimits>()
            .Service<WorkflowSecrets>()
            .Service<Rights>()
            .Service<Gate>()
            .Service<WorkflowAudit>()
            .Service<WorkflowRows>()
            .Service<Drafts>()
            .Service<PermissionRows>()
            .Service<RunRows>()
            .Service<RunStarts>()
            .Service<RunChanges>()
            .Service<TestRuns>()
            .Map(WorkflowEndpoints.Map)
            .Map(PublishEndpoints.Map)
            .Map(RunEndpoints.Map)
            .Map(PermissionEndpoints.Map)
            .Map(SecretEndpoints.Map)
            .MapGlobal(SchemaEndpoints.MapGlobal)
            .MapRoot(SchemaEndpoints.MapRoot)
            .PersonalData<RunPersonalData>()
            .PersonalData<WorkflowPersonalData>()
            .PersonalData<WorkflowAuditPersonalData>()
            .Aged("workflows.workflow_audit_log", "created_at", 90);
    }
}
