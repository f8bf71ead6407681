using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;
using Rookery.Router.Permissions;

namespace Rookery.Router;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<ModuleResponse>))]
[JsonSerializable(typeof(PermissionRules))]
[JsonSerializable(typeof(Registry.CommandRequest))]
[JsonSerializable(typeof(Page<Registry.CommandView>))]
[JsonSerializable(typeof(PermissionRequest))]
[JsonSerializable(typeof(Page<PermissionView>))]
[JsonSerializable(typeof(Page<Executions.ExecutionView>))]
[JsonSerializable(typeof(Page<Stats.CommandStat>))]
[JsonSerializable(typeof(Events.EventRequest))]
[JsonSerializable(typeof(Events.EventAnswer))]
[JsonSerializable(typeof(Events.BatchRequest))]
[JsonSerializable(typeof(Events.BatchAnswer))]
[JsonSerializable(typeof(Remote.RemotePayload))]
[JsonSerializable(typeof(Remote.RemoteAnswer))]
[JsonSerializable(typeof(IReadOnlyList<Responses.FormField>))]
[JsonSerializable(typeof(Responses.LateResponse))]
[JsonSerializable(typeof(Responses.ResponseReceipt))]
[JsonSerializable(typeof(Kernel.Web.Page<Responses.ResponseView>))]
internal sealed partial class RouterJson : JsonSerializerContext;
