using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;
using Rookery.Workflows.Nodes;
using Rookery.Workflows.Signing;

namespace Rookery.Workflows.Execution;

/// <summary>Makes the calls of nodes, within their time. What goes wrong comes back as a result.</summary>
internal sealed class Calls(GuardedHttp http, IModuleCalls modules, WorkflowSecrets secrets, TimeProvider clock)
{
    public const string DepthHeader = "X-Rookery-Depth";

    public async Task<NodeResult> MakeAsync(Call call, RunInfo run, string key, CancellationToken ct) => call switch
    {
        HttpCall request => await MakeAsync(request, run, key, ct),
        ModuleCall command => await MakeAsync(command, run, ct),
        _ => throw new InvalidOperationException($"{call.GetType().Name} cannot be made."),
    };

    private async Task<NodeResult> MakeAsync(HttpCall call, RunInfo run, string key, CancellationToken ct)
    {
        if (http.CheckUrl(call.Url) is { } wrong)
        {
            return NodeResult.Fail("bad_url", $"url: {wrong}");
        }

        var headers = new Dictionary<string, string>(call.Headers, StringComparer.OrdinalIgnoreCase)
        {
            ["Idempotency-Key"] = key,
            [DepthHeader] = (run.Depth + 1).ToString(CultureInfo.InvariantCulture),
        };
        if (call.SecretName is { } name)
        {
            if (await secrets.FindAsync(run.Community, name, ct) is not { } secret)
            {
                return NodeResult.Fail("unknown_secret", $"secret_name: {WorkflowSecrets.Missing(name)}");
            }

            var at = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{at}.{call.Body}"));
            headers["X-Rookery-Timestamp"] = at;
            headers["X-Rookery-Signature"] = $"sha256={Convert.ToHexStringLower(mac)}";
        }

        var answer = await http.SendAsync(
            new GuardedRequest(HttpMethod.Parse(call.Method), new Uri(call.Url), call.Timeout) { Body = call.Body, Headers = headers }, ct);
        return ToResult(answer, call.OutputVariable);
    }

    public static NodeResult ToResult(GuardedResponse answer, string variable)
    {
        if (answer.Status == 0)
        {
            return new NodeResult
            {
                Error = new NodeError(answer.Failure == HttpFailure.Timeout ? "timeout" : "call_failed", answer.Error ?? "The call failed.")
                {
                    MayPass = answer.Failure is HttpFailure.Connect or HttpFailure.Timeout or HttpFailure.Protocol,
                },
            };
        }

        var text = answer.Body ?? "";
        var value = Value.Object(("status", answer.Status), ("body", text), ("json", Value.TryParse(text, out var json) ? json : default));
        return new NodeResult
        {
            Port = Ports.Success,
            Outputs = Value.Object((variable, value)),
            Data = Value.Object(("status", answer.Status)),
            Error = answer.Status < 400 ? null : new NodeError($"http_{answer.Status}", $"The target answered {answer.Status}.")
            {
                MayPass = answer.Status is 408 or 429 or 500 or 502 or 503 or 504,
            },
        };
    }

    private async Task<NodeResult> MakeAsync(ModuleCall call, RunInfo run, CancellationToken ct)
    {
        // A run that nobody started may do what anybody may: else whoever can edit a workflow could do what its server can.
        var by = run.By ?? new Member(run.Entity.Channel.Platform, $"workflow:{run.WorkflowId:N}", run.Name, Role.Member);
        var answer = await modules.CallAsync(new ModuleCallRequest(run.Entity, by, call.Command, call.Arguments, call.Timeout), ct);
        return ToResult(answer, call);
    }

    public static NodeResult ToResult(ModuleCallAnswer answer, ModuleCall call)
    {
        if (answer.Error is { } error)
        {
            // A command knows no idempotency key: only what was turned away before it began may be called again.
            return new NodeResult { Error = new NodeError(error.Code, error.Message) { MayBeDone = error.Code is "timeout" or "failed" } };
        }

        var first = answer.Responses.FirstOrDefault(r => r.ChatMessage is not null);
        var made = new ObjectBuilder();
        foreach (var (field, variable) in call.OutputMapping)
        {
            made.Set(variable, field switch
            {
                "text" => first?.ChatMessage,
                "success" => answer.Responses.All(r => r.Success),
                "data" => first?.ResponseData is { } data ? Value.Parse(data) : default,
                _ => answer.Responses.Count,
            });
        }

        return NodeResult.Leave(Ports.Success) with { Outputs = made.Build(), Data = Value.Object(("text", first?.ChatMessage)) };
    }
}
