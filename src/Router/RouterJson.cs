using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
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
[JsonSerializable(typeof(Events.EventRequest))]
[JsonSerializable(typeof(Events.EventAnswer))]
[JsonSerializable(typeof(Events.BatchRequest))]
[JsonSerializable(typeof(Events.BatchAnswer))]
internal sealed partial class RouterJson : JsonSerializerContext;
