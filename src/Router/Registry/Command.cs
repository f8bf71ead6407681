using System.Collections.Frozen;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Router.Registry;

/// <summary>One row of <c>router.commands</c>, joined with the code behind it when that is in this process.</summary>
internal sealed record Command
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public required char Prefix { get; init; }

    public required string Description { get; init; }

    public required string LocationUrl { get; init; }

    public required string Type { get; init; }

    public required string Method { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required bool AuthRequired { get; init; }

    /// <summary>Calls a minute for each channel and user; 0 is none.</summary>
    public required int RateLimit { get; init; }

    public required bool IsActive { get; init; }

    public required string ModuleType { get; init; }

    public required string? ModuleId { get; init; }

    public required string Version { get; init; }

    public required string TriggerType { get; init; }

    public required FrozenSet<string> EventTypes { get; init; }

    public required int Priority { get; init; }

    public required bool Parallel { get; init; }

    public required IReadOnlyList<string> Aliases { get; init; }

    public required Role MinRole { get; init; }

    public ICommand? Handler { get; init; }

    public IReaction? Reaction { get; init; }

    public CommandSpec? Spec { get; init; }

    public bool IsTyped => TriggerType is "command" or "both";

    public bool IsEventTriggered => TriggerType is "event" or "both";

    /// <summary>
    /// Core modules are on everywhere until a channel says otherwise; all others are off until it says so.
    /// </summary>
    public bool OnByDefault => ModuleType == "core";

    public bool IsRemote => !LocationUrl.StartsWith(Internal, StringComparison.Ordinal);

    public string Module => ModuleId ?? Name;

    public override string ToString() => $"{Prefix}{Name}";

    public const string Internal = "internal://";

    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        id, command, prefix, description, location_url, type, method, timeout, headers::text, auth_required, rate_limit, is_active,
        module_type, module_id, version, trigger_type, event_types::text, priority, execution_mode, aliases, min_role
        """);

    public static Command Read(Npgsql.NpgsqlDataReader r) => new()
    {
        Id = r.GetInt64(0),
        Name = r.GetString(1),
        Prefix = r.GetString(2)[0],
        Description = r.GetString(3),
        LocationUrl = r.GetString(4),
        Type = r.GetString(5),
        Method = r.GetString(6),
        Timeout = TimeSpan.FromSeconds(r.GetInt32(7)),
        Headers = JsonSerializer.Deserialize(r.GetString(8), RouterJson.Default.DictionaryStringString)!,
        AuthRequired = r.GetBoolean(9),
        RateLimit = r.GetInt32(10),
        IsActive = r.GetBoolean(11),
        ModuleType = r.GetString(12),
        ModuleId = r.IsDBNull(13) ? null : r.GetString(13),
        Version = r.GetString(14),
        TriggerType = r.GetString(15),
        EventTypes = JsonSerializer.Deserialize(r.GetString(16), RouterJson.Default.StringArray)!.ToFrozenSet(
            StringComparer.Ordinal),
        Priority = r.GetInt32(17),
        Parallel = r.GetString(18) == "parallel",
        Aliases = r.GetFieldValue<string[]>(19),
        MinRole = Roles.TryParse(r.GetString(20), out var role) ? role : Role.Owner,
    };
}
