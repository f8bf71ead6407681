using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Spectre.Console;

namespace Rookery.Host.Cli;

/// <summary>
/// <c>rookery keys</c>: makes, lists and revokes API keys without one, for whoever may use the database itself.
/// </summary>
internal static class KeysCommand
{
    private const int MaxName = 100;
    private const string Actor = "cli";

    private static readonly Argument<string> Name = new("name") { Description = "What the key is for." };
    private static readonly Argument<string> Id = new("id") { Description = "The key's id, as keys list shows it." };
    private static readonly Option<string> ScopeNames =
        new("--scopes") { Description = $"Separated by commas: {string.Join(", ", Scopes.All)}.", Required = true };
    private static readonly Option<long?> Community =
        new("--community") { Description = "The only community the key may act in." };
    private static readonly Option<string?> Expires =
        new("--expires") { Description = "How long it works: 90m, 12h, 30d. Without it, until revoked." };
    private static readonly Option<int> Rate = new("--rate") { Description = "Calls a minute at most; 0 is no limit." };

    public static Command Make()
    {
        var create = Verb.Make("create", "Makes a key and prints it, this once.", CreateAsync);
        create.Add(Name);
        create.Add(ScopeNames);
        create.Add(Community);
        create.Add(Expires);
        create.Add(Rate);
        var revoke = Verb.Make("revoke", "Makes a key worthless at once.", RevokeAsync);
        revoke.Add(Id);
        return new Command("keys", "The keys of the API.") { create, Verb.Make("list", "Shows the keys, but not their secrets.", ListAsync), revoke };
    }

    /// <summary>Reads a number with m, h or d behind it.</summary>
    internal static TimeSpan? ReadDuration(string text) =>
        text.Length > 1
            && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            && n > 0
            ? text[^1] switch
            {
                'm' => TimeSpan.FromMinutes(n),
                'h' => TimeSpan.FromHours(n),
                'd' when n <= 36_500 => TimeSpan.FromDays(n),
                _ => null,
            }
            : null;

    private static async Task<int> CreateAsync(Invocation invocation, CancellationToken ct)
    {
        var parsed = invocation.Parsed;
        var name = parsed.GetValue(Name)!;
        var scopes = parsed.GetValue(ScopeNames)!.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var (community, rate) = (parsed.GetValue(Community), parsed.GetValue(Rate));
        TimeSpan? lasts = parsed.GetValue(Expires) is { } text
            ? ReadDuration(text) ?? throw new InvalidOperationException(
                $"--expires {text} is no duration; write 90m, 12h or 30d.")
            : null;
        Require(
            name.Length is > 0 and <= MaxName && !name.StartsWith('-'),
            $"'{name}' is no name: give 1 to {MaxName} characters that do not begin with a dash.");
        Require(
            scopes.Length > 0 && scopes.All(Scopes.All.Contains),
            $"--scopes takes {string.Join(", ", Scopes.All)}, separated by commas.");
        Require(rate >= 0, "--rate takes 0 (no limit) or more calls a minute.");

        await using var database = await VerbDatabase.OpenAsync(invocation, ct);
        await database.RequireMigratedAsync(ct);
        Require(
            community is null
                || await database.Db.Write.ValueAsync<bool>(
                    $"select exists (select from kernel.communities where id = {community})", ct),
            $"There is no community {community}.");
        using var keys = Keys(database);
        var (key, secret) = await keys.CreateAsync(
            name, scopes, community, rate, TimeProvider.System.GetUtcNow() + lasts, Actor, ct);
        await AuditAsync(
            database.Db,
            community,
            "api_key.created",
            new JsonObject { ["id"] = key.Id, ["name"] = name, ["scopes"] = string.Join(", ", scopes) },
            ct);

        // The key alone goes to the output, so that a script can take it.
        await Console.Error.WriteLineAsync($"Key {key.Id} with {string.Join(", ", scopes)}; it is shown this once:");
        Console.WriteLine(secret);
        return 0;
    }

    private static async Task<int> ListAsync(Invocation invocation, CancellationToken ct)
    {
        await using var database = await VerbDatabase.OpenAsync(invocation, ct);
        await database.RequireMigratedAsync(ct);
        using var keys = Keys(database);
        var table = new Table().AddColumns(
            "id", "name", "begins", "scopes", "community", "rate/min", "made", "last used", "state");
        table.Columns[0].NoWrap();
        var now = TimeProvider.System.GetUtcNow();
        foreach (var key in await keys.ListAsync(ct))
        {
            var state = key.RevokedAt is not null
                ? "revoked"
                : key.ExpiresAt <= now
                ? "expired"
                : key.ExpiresAt is { } end
                ? $"until {Day(end)}"
                : "works";
            table.AddRow(
                [.. new[]
                {
                    key.Id.ToString(), key.Name, key.Hint, string.Join(", ", key.Scopes), key.CommunityId?.ToString(CultureInfo.InvariantCulture) ?? "all",
                    key.RatePerMinute == 0
                        ? "no limit"
                        : key.RatePerMinute.ToString(CultureInfo.InvariantCulture), Day(key.CreatedAt),
                    key.LastUsedAt is { } used ? Day(used) : "never", state,
                }.Select(cell => new Text(cell))]);
        }

        Verb.Print(table);
        return 0;
    }

    private static async Task<int> RevokeAsync(Invocation invocation, CancellationToken ct)
    {
        var given = invocation.Parsed.GetValue(Id);
        Require(Guid.TryParse(given, out var id), $"{given} is no id of a key; see: ./run keys list");
        await using var database = await VerbDatabase.OpenAsync(invocation, ct);
        await database.RequireMigratedAsync(ct);
        using var keys = Keys(database);
        Require(await keys.RevokeAsync(id, ct), $"There is no working key {id}; see: ./run keys list");
        await AuditAsync(database.Db, null, "api_key.revoked", new JsonObject { ["id"] = id }, ct);
        Console.WriteLine($"Key {id} is revoked.");
        return 0;
    }

    /// <summary>A running server hears of the change from the database itself, so nothing here listens.</summary>
    private static ApiKeys Keys(VerbDatabase database) => new(
        database.Db, new ChangeFeed(database.Source, new Node(Guid.NewGuid(), []), TimeProvider.System, NullLogger<ChangeFeed>.Instance), TimeProvider.System);

    private static Task AuditAsync(Database db, long? community, string action, JsonObject details, CancellationToken ct) =>
        new AuditLog(db, TimeProvider.System).WriteAsync(db.Write, community ?? 0, Actor, action, details, ct);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
