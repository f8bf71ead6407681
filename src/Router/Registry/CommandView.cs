using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Data;

namespace Rookery.Router.Registry;

/// <summary>One row of <c>router.commands</c> as the API shows it; fields as the columns.</summary>
internal sealed record CommandView
{
    public long Id { get; init; }

    public required string Command { get; init; }

    public required string Prefix { get; init; }

    public string Description { get; init; } = "";

    public required string LocationUrl { get; init; }

    public required string Location { get; init; }

    public string Type { get; init; } = "container";

    public string Method { get; init; } = "POST";

    /// <summary>Seconds.</summary>
    public int Timeout { get; init; } = 30;

    public JsonElement Headers { get; init; } = NoHeaders;

    public bool AuthRequired { get; init; }

    /// <summary>Calls a minute for each channel and user; 0 is none.</summary>
    public int RateLimit { get; init; }

    public bool IsActive { get; init; } = true;

    public string ModuleType { get; init; } = "action";

    public string? ModuleId { get; init; }

    public string Version { get; init; } = "1.0.0";

    public string TriggerType { get; init; } = "command";

    public IReadOnlyList<string> EventTypes { get; init; } = [];

    public int Priority { get; init; } = 100;

    public string ExecutionMode { get; init; } = "sequential";

    public IReadOnlyList<string> Aliases { get; init; } = [];

    public string MinRole { get; init; } = "member";

    /// <summary>True when a secret for signing calls is stored. It is never shown.</summary>
    public bool HasSecret { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore]
    public bool IsInternal => LocationUrl.StartsWith(Registry.Command.Internal, StringComparison.Ordinal);

    [JsonIgnore]
    public string Typed => Prefix + Command;

    private static readonly JsonElement NoHeaders = JsonElement.Parse("{}");

    public static readonly SqlFragment Columns = Sql.Fragment(
        """
        c.id, c.command, c.prefix, c.description, c.location_url, c.location, c.type, c.method, c.timeout,
            c.headers::text, c.auth_required,
        c.rate_limit, c.is_active, c.module_type, c.module_id, c.version, c.trigger_type, c.event_types::text,
            c.priority, c.execution_mode,
        c.aliases, c.min_role, c.created_at, c.updated_at,
        exists (select from kernel.secrets s where s.owner = 'router.commands' and s.row_key = c.id::text)
        """);

    public static CommandView Read(Npgsql.NpgsqlDataReader r) => new()
    {
        Id = r.GetInt64(0),
        Command = r.GetString(1),
        Prefix = r.GetString(2),
        Description = r.GetString(3),
        LocationUrl = r.GetString(4),
        Location = r.GetString(5),
        Type = r.GetString(6),
        Method = r.GetString(7),
        Timeout = r.GetInt32(8),
        Headers = JsonElement.Parse(r.GetString(9)),
        AuthRequired = r.GetBoolean(10),
        RateLimit = r.GetInt32(11),
        IsActive = r.GetBoolean(12),
        ModuleType = r.GetString(13),
        ModuleId = r.IsDBNull(14) ? null : r.GetString(14),
        Version = r.GetString(15),
        TriggerType = r.GetString(16),
        EventTypes = JsonSerializer.Deserialize(r.GetString(17), RouterJson.Default.StringArray)!,
        Priority = r.GetInt32(18),
        ExecutionMode = r.GetString(19),
        Aliases = r.GetFieldValue<string[]>(20),
        MinRole = r.GetString(21),
        CreatedAt = r.GetFieldValue<DateTimeOffset>(22),
        UpdatedAt = r.GetFieldValue<DateTimeOffset>(23),
        HasSecret = r.GetBoolean(24),
    };
}
