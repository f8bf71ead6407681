using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;
using Rookery.Router.Executions;
using Rookery.Router.Permissions;
using Rookery.Router.Registry;

namespace Rookery.Router.Remote;

/// <summary>
/// Calls a command that lives elsewhere and settles its execution: the answer, or a failure with a status and a polite
/// text.
/// </summary>
internal sealed partial class RemoteCaller(
    IEnumerable<IRemoteTarget> targets,
    GuardedHttp http,
    CommandSecrets secrets,
    CircuitBreakers breakers,
    IOptions<RemoteOptions> options,
    TimeProvider clock,
    ILogger<RemoteCaller> log)
{
    private static readonly Random Jitter = Random.Shared;

    private readonly Dictionary<string, IRemoteTarget> _targets = targets.ToDictionary(
        t => t.Type, StringComparer.Ordinal);

    public async Task CallAsync(
        EventContext context, Command command, Permission? permission, Execution execution, CancellationToken ct)
    {
        var payload = RemotePayload.Of(context, execution, permission);
        var json = JsonSerializer.Serialize(payload, RouterJson.Default.RemotePayload);
        execution.RequestPayload = json;
        var secret = await secrets.FindAsync(command.Id, ct);
        if (command.AuthRequired && secret is null)
        {
            Fail(
                execution, 401, "This command needs a secret and has none. Set its secret, or turn auth_required off.");
            return;
        }

        if (command.Headers.FirstOrDefault(h => GuardedHttp.CheckHeader(h.Key, h.Value) is not null) is { Key: { } header })
        {
            Fail(
                execution,
                500,
                $"The command's header {header} cannot be sent: it {GuardedHttp.CheckHeader(header, command.Headers[header])}");
            return;
        }

        var target = _targets[command.Type];
        var answer = await SendAsync(
            target, new RemoteCall(command, execution.Id, payload, json, secret), execution, ct);
        Settle(execution, target, answer);
    }

    private async Task<GuardedResponse> SendAsync(
        IRemoteTarget target, RemoteCall call, Execution execution, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        GuardedResponse? last = null;
        for (var attempt = 0; ; attempt++)
        {
            var (request, circuit, error) = target.Prepare(call);
            if (request is null)
            {
                return new GuardedResponse { Status = 500, Error = error };
            }

            var limited = request with { Timeout = TryTimeout(request, attempt, started) };
            var answer = await breakers.RunAsync(circuit, () => http.SendAsync(limited, ct));
            if (answer is null)
            {
                return last ?? new GuardedResponse { Status = 503, Error = "The target kept failing and is left alone for a while (circuit open)." };
            }

            (last, execution.RetryCount) = (answer, attempt);
            var wait = Wait(answer, attempt);
            if (!MayRetry(answer, request.Method)
                || attempt + 1 >= options.Value.MaxTries
                || wait >= Left(request, started))
            {
                return answer;
            }

            await Task.Delay(wait, clock, ct);
        }
    }

    /// <summary>
    /// A call that may be repeated leaves half of the time for that; the last try, and any other call, has all that is
    /// left.
    /// </summary>
    private TimeSpan TryTimeout(GuardedRequest request, int attempt, long started) =>
        Left(request, started) / (IsIdempotent(request.Method) && attempt + 1 < options.Value.MaxTries ? 2 : 1);

    private TimeSpan Left(GuardedRequest request, long started) =>
        request.Timeout - clock.GetElapsedTime(started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private TimeSpan Wait(GuardedResponse answer, int attempt)
    {
        var backoff = Reconnect.Delay(attempt, Jitter.NextDouble());
        backoff = backoff < options.Value.LongestWait ? backoff : options.Value.LongestWait;
        return answer.RetryAfter is { } asked && asked > backoff ? asked : backoff;
    }

    private static bool MayRetry(GuardedResponse answer, HttpMethod method) => answer switch
    {
        { Failure: HttpFailure.Connect } => true,
        { Failure: HttpFailure.Timeout } => IsIdempotent(method),
        { Failure: null, Status: 429 or >= 500 } => true,
        _ => false,
    };

    private static bool IsIdempotent(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Put || method == HttpMethod.Delete;

    private void Settle(Execution execution, IRemoteTarget target, GuardedResponse answer)
    {
        if (!answer.Ok)
        {
            Fail(execution, StatusOf(answer), answer.Error ?? $"The module answered {answer.Status}.");
            return;
        }

        var (responses, error) = target.Fault(answer) is { } fault
            ? ([], fault)
            : RemoteAnswer.Read(execution.Command.Module, answer);
        if (error is null)
        {
            execution.Succeed(responses, answer.Status, clock.GetUtcNow());
        }
        else
        {
            Fail(execution, 502, error);
        }
    }

    private static int StatusOf(GuardedResponse answer) => answer.Failure switch
    {
        null => answer.Status,
        HttpFailure.Timeout => 504,
        _ => 502,
    };

    /// <summary>An event has nobody who waits for a word, so only a typed command gets one.</summary>
    private void Fail(Execution execution, int status, string error)
    {
        Failed(execution.Command.ToString(), execution.Id, status, error);
        ModuleResponse[] sorry = execution.Trigger == "event"
            ? []
            : [new(execution.Command.Module, false, "chat", ChatMessage: Sorry(execution.Command, status))];
        execution.Fail(status, error, sorry, clock.GetUtcNow());
    }

    private static string Sorry(Command command, int status) => status switch
    {
        504 => $"{command} took too long and was given up.",
        429 => $"{command} is busy at the moment; try again later.",
        >= 400 and < 500 => $"{command} did not work.",
        _ => $"{command} cannot be reached at the moment; try again later.",
    };

    [LoggerMessage(LogLevel.Warning, "Remote command {Command} failed in execution {ExecutionId} with {Status}: {Error}")]
    private partial void Failed(string command, Guid executionId, int status, string error);
}
