using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rookery.Kernel.Web;
using Rookery.Modules.Moderation.Rules;

namespace Rookery.Modules.Moderation;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(List<JsonElement>))]
[JsonSerializable(typeof(RuleRequest))]
[JsonSerializable(typeof(RuleView))]
[JsonSerializable(typeof(Page<RuleView>))]
[JsonSerializable(typeof(TestRequest))]
[JsonSerializable(typeof(TestAnswer))]
internal sealed partial class ModerationJson : JsonSerializerContext;
