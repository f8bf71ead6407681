using System.Text.Json;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Router.Registry;

namespace Rookery.Router.Executions;

/// <summary>One run of one command as <c>router.command_executions</c> keeps it.</summary>
internal sealed class Execution
{
    public required Guid Id { get; init; }

    public required Command Command { get; init; }

    public required EventContext Context { get; init; }

    /// <summary>command, event or rule: what made it run.</summary>
    public required string Trigger { get; init; }

    /// <summary>The moment inside <see cref="Id"/>.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<string> Parameters { get; init; }

    public required string? Message { get; init; }

    public string? RequestPayload { get; set; }

    public int? ResponseStatus { get; private set; }

    public IReadOnlyList<ModuleResponse> Responses { get; private set; } = [];

    public string? Error { get; private set; }

    public int RetryCount { get; set; }

    public string Status { get; private set; } = "pending";

    public string? Delivery { get; set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>When its handler was called; one of several reactions may have waited for the ones before it.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    public int? ElapsedMs => CompletedAt is { } end ? (int)(end - (StartedAt ?? CreatedAt)).TotalMilliseconds : null;

    public bool Succeeded => Status == "success";

    public static Execution Start(
        EventContext context,
        Command command,
        string trigger,
        IReadOnlyList<string> parameters,
        string? message,
        DateTimeOffset now)
    {
        var id = context.NextExecutionId(now);
        return new Execution
        {
            Id = id,
            Command = command,
            Context = context,
            Trigger = trigger,
            CreatedAt = Ids.Moment(id)!.Value,
            Parameters = parameters,
            Message = message,
        };
    }

    public void Succeed(IReadOnlyList<ModuleResponse> responses, int status, DateTimeOffset now)
    {
        (Status, Responses, ResponseStatus, CompletedAt) = ("success", responses, status, now);
    }

    public void Fail(int? status, string error, IReadOnlyList<ModuleResponse> responses, DateTimeOffset now)
    {
        (Status, Error, Responses, ResponseStatus, CompletedAt) = ("failed", error, responses, status, now);
    }

    public string ParametersJson() =>
        Parameters.Count == 0 ? "[]" : JsonSerializer.Serialize(Parameters, RouterJson.Default.IReadOnlyListString);

    public string? ResponseJson() =>
        Responses.Count == 0
            ? null
            : JsonSerializer.Serialize(Responses, RouterJson.Default.IReadOnlyListModuleResponse);
}
