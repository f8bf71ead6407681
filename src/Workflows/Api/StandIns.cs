using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Api;

/// <summary>Answers the calls of a test run: with what the tester gave, or as if all went well.</summary>
internal sealed class StandIns(JsonElement? answers)
{
    private readonly Dictionary<string, int> _asked = new(StringComparer.Ordinal);

    public NodeResult Answer(string node, Call call)
    {
        var given = Next(node);
        if (given["error"] is { IsNull: false } error)
        {
            return NodeResult.Fail(error["code"].ToText() is { Length: > 0 } code ? code : "call_failed", error["message"].ToText());
        }

        return call switch
        {
            HttpCall http => Calls.ToResult(Http(given), http.OutputVariable),
            ModuleCall module => Calls.ToResult(Module(given), module),
            _ => throw new InvalidOperationException($"{call.GetType().Name} has no stand-in."),
        };
    }

    private Value Next(string node)
    {
        if (answers is not { } all || !all.TryGetProperty(node, out var json) || !Value.TryParse(json.GetRawText(), out var value))
        {
            return Value.EmptyObject;
        }

        var turn = _asked[node] = _asked.GetValueOrDefault(node) + 1;
        return value.Kind != ValueKind.List ? value
            : value.Items.Length == 0 ? Value.EmptyObject
            : value[Math.Min(turn, value.Items.Length) - 1];
    }

    private static GuardedResponse Http(Value given) => new()
    {
        Status = given["status"].TryNumber(out var status) && status is >= 100 and <= 599 ? (int)status : 200,
        Body = given["body"].Kind is ValueKind.Object or ValueKind.List ? given["body"].ToJson() : given["body"].ToText(),
    };

    private static ModuleCallAnswer Module(Value given)
    {
        var data = given["data"].IsNull ? (JsonElement?)null : JsonElement.Parse(given["data"].ToJson());
        var isGood = given["success"].IsNull || given["success"].Truthy;
        return new ModuleCallAnswer([new ModuleResponse("test", isGood, "chat", ChatMessage: given["text"].ToText(), ResponseData: data)]);
    }
}
