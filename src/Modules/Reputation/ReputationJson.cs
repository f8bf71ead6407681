using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Reputation;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Standing))]
[JsonSerializable(typeof(Leaderboard))]
[JsonSerializable(typeof(ScoreEvent))]
[JsonSerializable(typeof(Page<ScoreEvent>))]
[JsonSerializable(typeof(ReputationStats))]
[JsonSerializable(typeof(AdjustScore))]
[JsonSerializable(typeof(ScoringList))]
[JsonSerializable(typeof(ScoringRequest))]
internal sealed partial class ReputationJson : JsonSerializerContext;
