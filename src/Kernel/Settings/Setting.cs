using System.Globalization;
using System.Text.Json;

namespace Rookery.Kernel.Settings;

/// <summary>
/// A setting that communities may change: where it lies, what it may be, what it is until somebody changes it.
/// </summary>
public abstract record Setting(string Scope, string Key, string Description)
{
    /// <summary>bool, int, text or zone: <c>value_type</c>.</summary>
    public abstract string ValueType { get; }

    public abstract JsonElement DefaultJson { get; }

    /// <summary>Least and greatest, or the choices, in words; null when anything of the type goes.</summary>
    public virtual string? Allowed => null;

    /// <summary>Brings a value that was typed or sent into its stored form, or says what is wrong with it.</summary>
    /// <returns>Null and an error that names the cure, or the value.</returns>
    public abstract (JsonElement? Value, string? Error) Coerce(JsonElement input);

    private protected static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value);
}

/// <summary>A setting whose value is a <typeparamref name="T"/> in code.</summary>
public abstract record Setting<T>(string Scope, string Key, T Default, string Description) : Setting(
    Scope, Key, Description)
{
    public override JsonElement DefaultJson => Json(Default);

    /// <summary>Reads a stored value, which <see cref="Setting.Coerce"/> has made.</summary>
    public abstract T Read(JsonElement stored);
}

public sealed record BoolSetting(string Scope, string Key, bool Default, string Description) : Setting<bool>(
    Scope, Key, Default, Description)
{
    public override string ValueType => "bool";

    public override bool Read(JsonElement stored) => stored.GetBoolean();

    public override (JsonElement? Value, string? Error) Coerce(JsonElement input)
    {
        var text = input.ValueKind == JsonValueKind.String ? input.GetString()! : input.GetRawText();
        return text.Trim().ToLowerInvariant() switch
        {
            "true" or "1" or "yes" or "on" => (Json(true), null),
            "false" or "0" or "no" or "off" => (Json(false), null),
            _ => (null, "must be true or false."),
        };
    }
}

public sealed record IntSetting(string Scope, string Key, int Default, int Min, int Max, string Description) : Setting<int>(Scope, Key, Default, Description)
{
    public override string ValueType => "int";

    public override string Allowed => string.Create(CultureInfo.InvariantCulture, $"{Min} to {Max}");

    public override int Read(JsonElement stored) => stored.GetInt32();

    public override (JsonElement? Value, string? Error) Coerce(JsonElement input)
    {
        var text = input.ValueKind == JsonValueKind.String ? input.GetString()! : input.GetRawText();
        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) && n >= Min && n <= Max
            ? (Json(n), null)
            : (null, $"must be a whole number from {Allowed}.");
    }
}

/// <param name="Choices">What it may be; empty: any text up to <paramref name="MaxLength"/> characters.</param>
public sealed record TextSetting(
    string Scope, string Key, string Default, string Description, IReadOnlyList<string> Choices, int MaxLength = 2000)
    : Setting<string>(Scope, Key, Default, Description)
{
    public override string ValueType => "text";

    public override string? Allowed => Choices.Count == 0 ? null : string.Join(", ", Choices);

    public override string Read(JsonElement stored) => stored.GetString()!;

    public override (JsonElement? Value, string? Error) Coerce(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.String)
        {
            return (null, "must be a text.");
        }

        var text = input.GetString()!;
        return text switch
        {
            _ when Choices.Count > 0 && !Choices.Contains(text, StringComparer.Ordinal) =>
                (null, $"must be one of {Allowed}."),
            _ when text.Length > MaxLength =>
                (null, string.Create(CultureInfo.InvariantCulture, $"must have at most {MaxLength} characters.")),
            _ when !Web.Checks.Storable(text) =>
                (null, "contains U+0000 or half of a surrogate pair, which cannot be stored; remove it."),
            _ => (Json(text), null),
        };
    }
}

public sealed record ZoneSetting(string Scope, string Key, string Default, string Description) : Setting<string>(
    Scope, Key, Default, Description)
{
    public override string ValueType => "zone";

    public override string Allowed => "an IANA time zone such as Europe/Paris";

    public override string Read(JsonElement stored) => stored.GetString()!;

    public override (JsonElement? Value, string? Error) Coerce(JsonElement input) =>
        input.ValueKind == JsonValueKind.String
            && NodaTime.DateTimeZoneProviders.Tzdb.GetZoneOrNull(input.GetString()!) is { } zone
            ? (Json(zone.Id), null)
            : (null, $"must be {Allowed}.");
}

/// <summary>The settings every community has, whatever modules are on.</summary>
public static class SystemSettings
{
    public static ZoneSetting TimeZone { get; } = new(
        "system", "timezone", "UTC", "The zone in which times are read and shown.");

    public static IntSetting AuditRetentionDays { get; } =
        new("system", "audit_retention_days", 90, 1, 3650, "How long the audit log is kept, in days.");

    internal static IReadOnlyList<Setting> All { get; } = [TimeZone, AuditRetentionDays];
}
