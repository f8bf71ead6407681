using System.Buffers;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Router.Registry;

/// <summary>
/// What a command that is registered from outside must keep to. Everything that is wrong is told at once.
/// </summary>
internal static class CommandRules
{
    public const int MaxSecret = 4096;
    private const int MaxName = 100;
    private const int MaxText = 1000;
    private const int MaxUrl = 2000;
    private const int MaxAliases = 20;
    private const int MaxHeaders = 50;
    private const int MaxHeader = 4096;

    private static readonly string[] Types = ["container", "lambda", "openwhisk", "webhook"];
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    private static readonly string[] OwnHeaders = ["Host", "Content-Length", "Transfer-Encoding", "Connection"];

    /// <summary>What a header's name may hold.</summary>
    /// <remarks>Source: RFC 9110, section 5.6.2, token.</remarks>
    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static void Check(CommandView row, Checks checks)
    {
        CheckName(checks, "command", row.Command);
        checks
            .That(row.Prefix is "!" or "#", "prefix", "must be ! or #.")
            .That(
                row.Prefix is not ("!" or "#") || row.Location == (row.Prefix == "!" ? "internal" : "community"),
                "location",
                "must be internal for ! and community for #; it may be left out.")
            .Optional("description", row.Description, MaxText)
            .That(Types.Contains(row.Type), "type", OneOf(Types))
            .That(Methods.Contains(row.Method), "method", OneOf(Methods))
            .That(row.ModuleType is "trigger" or "action" or "core", "module_type", "must be trigger, action or core.")
            .Optional("module_id", row.ModuleId, MaxName)
            .Text("version", row.Version, 50)
            .That(!row.AuthRequired || row.HasSecret, "auth_required", "needs a secret; send one as secret.");
        CheckLocation(checks, row);
        CheckHeaders(checks, row.Headers);
        CheckTuning(checks, row);
        CheckTriggers(checks, row);
    }

    /// <summary>The columns an operator may change on built-in commands too.</summary>
    public static void CheckTuning(Checks checks, CommandView row) => checks
        .That(row.Timeout is >= 1 and <= 300, "timeout", "must be 1 to 300 seconds.")
        .That(row.RateLimit is >= 0 and <= 1_000_000, "rate_limit", "must be 0 (no limit) to 1000000 calls a minute.")
        .That(row.ExecutionMode is "sequential" or "parallel", "execution_mode", "must be sequential or parallel.");

    private static void CheckName(Checks checks, string field, string name) => checks
        .Text(field, name, MaxName)
        .That(name.Length == 0 || name[0] is not ('!' or '#'), field, "must be the name without its prefix.")
        .That(!name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)), field, "must hold no blanks.")
        .That(name.All(c => char.ToLowerInvariant(c) == c), field, "must be lower-case.");

    private static void CheckLocation(Checks checks, CommandView row)
    {
        checks.Text("location_url", row.LocationUrl, MaxUrl);
        if (row.LocationUrl.Length == 0)
        {
            return;
        }

        if (row.IsInternal)
        {
            checks.Fail("location_url", "internal:// belongs to the commands of this build and cannot be registered.");
        }
        else if (!Uri.TryCreate(row.LocationUrl, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https" or "lambda")
            || url.Host.Length == 0)
        {
            checks.Fail(
                "location_url",
                "must be an absolute http:// or https:// address, or lambda://function for type lambda.");
        }
        else
        {
            checks
                .That(
                    url.Scheme != "lambda" || row.Type == "lambda",
                    "location_url",
                    "starts with lambda://, which needs the type lambda.")
                .That(
                    url.UserInfo.Length == 0,
                    "location_url",
                    "holds a user or password, which everybody could read; send it as secret.");
        }
    }

    private static void CheckHeaders(Checks checks, JsonElement headers)
    {
        if (headers.ValueKind != JsonValueKind.Object
            || headers.EnumerateObject().Any(h => h.Value.ValueKind != JsonValueKind.String))
        {
            checks.Fail("headers", "must be an object of texts.");
            return;
        }

        if (!Checks.Storable(headers))
        {
            checks.Fail("headers", "contains U+0000 or half of a surrogate pair; remove it.");
            return;
        }

        checks.That(
            headers.EnumerateObject().Count() <= MaxHeaders, "headers", $"may hold at most {MaxHeaders} headers.");
        foreach (var header in headers.EnumerateObject())
        {
            var value = header.Value.GetString()!;
            checks
                .That(
                    header.Name.Length > 0 && !header.Name.AsSpan().ContainsAnyExcept(Token),
                    "headers",
                    $"'{header.Name}' is no name of a header.")
                .That(
                    !OwnHeaders.Contains(header.Name, StringComparer.OrdinalIgnoreCase)
                        && !header.Name.StartsWith("X-Rookery-", StringComparison.OrdinalIgnoreCase),
                    "headers",
                    $"{header.Name} is set by Rookery itself.")
                .That(
                    value.Length <= MaxHeader && value.All(c => c is >= ' ' and <= '~' or '\t'),
                    "headers",
                    $"the value of {header.Name} must be ASCII without line breaks, at most {MaxHeader} characters.");
        }
    }

    private static void CheckTriggers(Checks checks, CommandView row)
    {
        checks
            .That(row.TriggerType is "command" or "event" or "both", "trigger_type", "must be command, event or both.")
            .That(
                row.EventTypes.All(t => t is not null && MessageTypes.All.Contains(t)),
                "event_types",
                $"may hold {string.Join(", ", MessageTypes.All)}.")
            .That(
                row.TriggerType == "command" || row.EventTypes.Count > 0,
                "event_types",
                "must name at least one message type when trigger_type is event or both.")
            .That(Roles.TryParse(row.MinRole, out _), "min_role", OneOf(Roles.All))
            .That(row.Aliases.Count <= MaxAliases, "aliases", $"may hold at most {MaxAliases} names.")
            .That(
                row.Aliases.Append(row.Command).Distinct(StringComparer.Ordinal).Count() == row.Aliases.Count + 1,
                "aliases",
                "holds a name twice, or the command's own.");
        foreach (var alias in row.Aliases.Where(a => a is not null))
        {
            CheckName(checks, "aliases", alias);
        }
    }

    private static string OneOf(IEnumerable<string> values) => $"must be one of {string.Join(", ", values)}.";
}
