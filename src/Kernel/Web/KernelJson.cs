using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Privacy;
using Rookery.Kernel.Security;
using Rookery.Kernel.Settings;
using Rookery.Kernel.SignIn;

namespace Rookery.Kernel.Web;

/// <summary>
/// How all of Rookery writes JSON: snake_case, no nulls, enums by their names. A <c>jsonb</c> column gives fields back
/// in an order of its own, so what tells the kind of an action may stand anywhere.
/// </summary>
[JsonSourceGenerationOptions(
    AllowOutOfOrderMetadataProperties = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OutboundAction))]
[JsonSerializable(typeof(ModuleResponse[]))]
[JsonSerializable(typeof(RichContent))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(CommunityRequest))]
[JsonSerializable(typeof(Page<CommunityView>))]
[JsonSerializable(typeof(MemberRoleRequest))]
[JsonSerializable(typeof(Page<MemberRole>))]
[JsonSerializable(typeof(EntityRequest))]
[JsonSerializable(typeof(EntityPatch))]
[JsonSerializable(typeof(Page<EntityView>))]
[JsonSerializable(typeof(SettingRequest))]
[JsonSerializable(typeof(Page<SettingView>))]
[JsonSerializable(typeof(Page<SettingChange>))]
[JsonSerializable(typeof(Page<AuditEntry>))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(Page<ApiKey>))]
[JsonSerializable(typeof(PersonalDataExport))]
[JsonSerializable(typeof(PersonalDataErased))]
[JsonSerializable(typeof(CoordinationPatch))]
[JsonSerializable(typeof(Page<CoordinationView>))]
[JsonSerializable(typeof(IReadOnlyList<CoordinationCount>))]
[JsonSerializable(typeof(ServerPatch))]
[JsonSerializable(typeof(Page<ServerView>))]
[JsonSerializable(typeof(Page<CollectorView>))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(Page<SignInPlatform>))]
[JsonSerializable(typeof(Page<GuildView>))]
[JsonSerializable(typeof(Page<SessionView>))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
public sealed partial class KernelJson : JsonSerializerContext
{
    /// <summary>The same rules for types that have no generated code.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.NumberHandling = JsonNumberHandling.Strict;
    }
}

/// <summary>Put on every enum that leaves the process: its members are written by their names, in snake_case.</summary>
public sealed class SnakeCase<TEnum>() : JsonStringEnumConverter<TEnum>(
    JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where TEnum : struct, Enum;
