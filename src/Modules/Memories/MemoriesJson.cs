using System.Text.Json.Serialization;
using Rookery.Kernel.Web;
using Rookery.Modules.Memories.Reminders;

namespace Rookery.Modules.Memories;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, long>))]
[JsonSerializable(typeof(MemoryChange))]
[JsonSerializable(typeof(AddMemory))]
[JsonSerializable(typeof(Memory))]
[JsonSerializable(typeof(Page<Memory>))]
[JsonSerializable(typeof(MemoryStats))]
[JsonSerializable(typeof(ToggleReaction))]
[JsonSerializable(typeof(ReactionState))]
[JsonSerializable(typeof(AddCategory))]
[JsonSerializable(typeof(CategoryFields))]
[JsonSerializable(typeof(Category))]
[JsonSerializable(typeof(Page<Category>))]
[JsonSerializable(typeof(AddReminder))]
[JsonSerializable(typeof(Reminder))]
[JsonSerializable(typeof(Page<Reminder>))]
internal sealed partial class MemoriesJson : JsonSerializerContext;
