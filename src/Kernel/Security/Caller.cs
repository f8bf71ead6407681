using Microsoft.AspNetCore.Http;
using Rookery.Kernel.SignIn;

namespace Rookery.Kernel.Security;

/// <summary>
/// Who calls the API, the scopes they have and the community they are bound to: a key, or somebody signed in whose right
/// in the route's server was checked.
/// </summary>
/// <param name="KeyId">Empty where it is no key.</param>
/// <param name="Community">Null: every community.</param>
public sealed record Caller(Guid KeyId, string Name, IReadOnlySet<string> Scopes, long? Community)
{
    /// <summary>Null: a key.</summary>
    public Identity? Person { get; init; }

    /// <summary>For <c>created_by</c>-like columns and the audit log.</summary>
    public string Actor => Person?.Actor ?? $"key:{Name}";

    public bool Has(string scope) => Scopes.Contains(Security.Scopes.Admin) || Scopes.Contains(scope);

    public bool MayAct(long community) => Community is null || Community == community;

    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("The route has no authenticated caller.");

    /// <summary>Lets minimal APIs take the caller as a parameter.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => new(Of(context));
}

/// <summary>What a key may be allowed to do. <see cref="Admin"/> includes every other.</summary>
public static class Scopes
{
    public const string Admin = "admin";
    public const string EventsWrite = "events:write";
    public const string ResponsesWrite = "responses:write";
    public const string CommandsRead = "commands:read";
    public const string CommandsWrite = "commands:write";
    public const string CommunitiesRead = "communities:read";
    public const string CommunitiesWrite = "communities:write";
    public const string ModerationRead = "moderation:read";
    public const string ModerationWrite = "moderation:write";
    public const string SettingsRead = "settings:read";
    public const string SettingsWrite = "settings:write";
    public const string ExecutionsRead = "executions:read";
    public const string MemoriesRead = "memories:read";
    public const string MemoriesWrite = "memories:write";
    public const string ReputationRead = "reputation:read";
    public const string ReputationWrite = "reputation:write";
    public const string WorkflowsRead = "workflows:read";
    public const string WorkflowsWrite = "workflows:write";
    public const string WorkflowsRun = "workflows:run";
    public const string LiveRead = "live:read";
    public const string LiveWrite = "live:write";
    public const string AuditRead = "audit:read";
    public const string PersonalData = "personal_data";
    public const string Sandbox = "sandbox";
    public const string Metrics = "metrics:read";

    public static IReadOnlyList<string> All { get; } =
    [
        Admin, EventsWrite, ResponsesWrite, CommandsRead, CommandsWrite, CommunitiesRead, CommunitiesWrite, ModerationRead,
        ModerationWrite, SettingsRead, SettingsWrite, ExecutionsRead, MemoriesRead, MemoriesWrite, ReputationRead,
        ReputationWrite, WorkflowsRead, WorkflowsWrite, WorkflowsRun, LiveRead, LiveWrite, AuditRead, PersonalData, Sandbox, Metrics,
    ];
}
