using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Router.Registry;

/// <summary>
/// A command to be registered, or what is to change of one: left out is the default, or stays as it is.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CommandRequest
{
    /// <summary>
    /// Lower-case and without blanks, at most 100 characters; for event handlers that nobody types, a name.
    /// </summary>
    public string? Command { get; init; }

    /// <summary>! or #.</summary>
    public string? Prefix { get; init; }

    public string? Description { get; init; }

    /// <summary>Where the call goes: http(s)://… or, for type lambda, lambda://function.</summary>
    public string? LocationUrl { get; init; }

    /// <summary>internal for !, community for #; may be left out.</summary>
    public string? Location { get; init; }

    /// <summary>container, lambda, openwhisk or webhook.</summary>
    public string? Type { get; init; }

    /// <summary>GET, POST, PUT, PATCH or DELETE.</summary>
    public string? Method { get; init; }

    /// <summary>Seconds, 1 to 300.</summary>
    public int? Timeout { get; init; }

    /// <summary>Sent with every call: an object of texts.</summary>
    public JsonElement? Headers { get; init; }

    /// <summary>True: no call is made without a secret.</summary>
    public bool? AuthRequired { get; init; }

    /// <summary>Calls a minute for each channel and user; 0 is none.</summary>
    public int? RateLimit { get; init; }

    public bool? IsActive { get; init; }

    /// <summary>trigger, action or core; core commands are on in every channel until it says otherwise.</summary>
    public string? ModuleType { get; init; }

    public string? ModuleId { get; init; }

    public string? Version { get; init; }

    /// <summary>command, event or both.</summary>
    public string? TriggerType { get; init; }

    /// <summary>The message types that trigger it; needed for event and both.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>Lower runs first.</summary>
    public int? Priority { get; init; }

    /// <summary>sequential or parallel.</summary>
    public string? ExecutionMode { get; init; }

    public IReadOnlyList<string>? Aliases { get; init; }

    public string? MinRole { get; init; }

    /// <summary>What calls are signed with. Write-only; an empty text takes it away.</summary>
    public string? Secret { get; init; }

    /// <summary>The row as it would stand.</summary>
    /// <param name="row">Null: a new one.</param>
    public CommandView Over(CommandView? row)
    {
        var prefix = Prefix ?? row?.Prefix ?? "!";
        var old = row ?? new CommandView { Command = "", Prefix = prefix, LocationUrl = "", Location = "" };
        return old with
        {
            Command = Command ?? old.Command,
            Prefix = prefix,
            Description = Description ?? old.Description,
            LocationUrl = LocationUrl ?? old.LocationUrl,
            Location = Location ?? (prefix == "!" ? "internal" : "community"),
            Type = Type ?? old.Type,
            Method = Method ?? old.Method,
            Timeout = Timeout ?? old.Timeout,
            Headers = Headers ?? old.Headers,
            AuthRequired = AuthRequired ?? old.AuthRequired,
            RateLimit = RateLimit ?? old.RateLimit,
            IsActive = IsActive ?? old.IsActive,
            ModuleType = ModuleType ?? old.ModuleType,
            ModuleId = ModuleId is "" ? null : ModuleId ?? old.ModuleId,
            Version = Version ?? old.Version,
            TriggerType = TriggerType ?? old.TriggerType,
            EventTypes = EventTypes ?? old.EventTypes,
            Priority = Priority ?? old.Priority,
            ExecutionMode = ExecutionMode ?? old.ExecutionMode,
            Aliases = Aliases ?? old.Aliases,
            MinRole = MinRole ?? old.MinRole,
            HasSecret = Secret is null ? old.HasSecret : Secret.Length > 0,
        };
    }

    /// <summary>
    /// The fields of a built-in command that belong to its code and not to the operator, if the request names any.
    /// </summary>
    public IEnumerable<string> OfCode() => Fields().Select(f => f.Key).Except(
        ["is_active", "timeout", "rate_limit", "priority", "execution_mode"], StringComparer.Ordinal);

    /// <summary>What the request names, for the audit log.</summary>
    public JsonObject Fields() => JsonSerializer.SerializeToNode(this, RouterJson.Default.CommandRequest)!.AsObject();

    /// <summary>
    /// Checks what only a request can have wrong; the row it makes is checked by <see cref="CommandRules"/>.
    /// </summary>
    public void Check(Checks checks) => checks
        .Optional("secret", Secret, CommandRules.MaxSecret)
        .That(EventTypes?.All(t => t is not null) ?? true, "event_types", "holds null.")
        .That(Aliases?.All(a => a is not null) ?? true, "aliases", "holds null.");
}
