using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.Security;
using Rookery.Kernel.Settings;
using Rookery.Kernel.Startup;
using Rookery.Kernel.Telemetry;
using Rookery.Kernel.Web;

namespace Rookery.Kernel;

public static class KernelServices
{
    /// <summary>
    /// Adds the kernel's building blocks. <paramref name="runsJobs"/> also starts the loops of outbox, timers and
    /// retention.
    /// </summary>
    public static IServiceCollection AddKernel(
        this IServiceCollection services, NpgsqlDataSource primary, NpgsqlDataSource? replica, KeyRing ring, Node node, bool runsJobs)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(primary);
        services.AddSingleton(new Database(primary, replica));
        services.AddSingleton(ring);
        services.AddSingleton(node);
        services.AddSingleton<Migrator>();
        services.AddSingleton<Partitions>();
        services.AddSingleton<ChangeFeed>();
        services.AddHostedService(p => p.GetRequiredService<ChangeFeed>());
        services.AddSingleton<Inbox>();
        services.AddSingleton<Intake>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<OutboxRows>();
        services.AddSingleton<Timers>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<SettingsStore>();
        services.AddSingleton<SecretBox>();
        services.AddSingleton<Secrets>();
        services.AddSingleton<LoginStates>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<EntityDirectory>();
        services.AddSingleton<Servers>();
        services.AddHostedService<JobRunner<Servers>>();
        services.AddSingleton<GuardedHttp>();
        services.AddSingleton<ISender, WebhookSender>();
        services.AddSingleton<AgedTables>();
        services.AddSingleton<PrometheusText>();
        services.AddSettings<RetentionOptions>("Retention")
            .Validate(o => o.KeepDays.Values.All(days => days >= 1), "Retention:KeepDays takes whole days, at least 1.")
            .Validate<IEnumerable<DailyTable>, IEnumerable<AgedTable>>(
                (o, daily, aged) => o.AllKnown(daily, aged), "Retention:KeepDays names a table that retention does not know; write schema.table.");
        services.AddSettings<OutboxOptions>("Outbox");
        services.AddSettings<GuardedHttpOptions>("Http");
        services.AddSettings<TimerOptions>("Timers");

        if (runsJobs)
        {
            services.AddHostedService<OutboxDispatcher>();
            services.AddHostedService<TimerRunner>();
            services.AddSingleton<RetentionJob>();
            services.AddHostedService<JobRunner<RetentionJob>>();
            services.AddHostedService<JobRunner<Intake>>();
        }

        return services;
    }
}
