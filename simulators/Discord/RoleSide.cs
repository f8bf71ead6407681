using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Rookery.Simulators.Discord;

/// <summary>Roles that the bot makes, removes, gives and takes: none without Manage Roles, and none above its own highest.</summary>
public sealed class RoleSide
{
    private const ulong Administrator = 1UL << 3;
    private const ulong ManageRoles = 1UL << 28;

    private readonly DiscordSimulator _discord;

    internal RoleSide(DiscordSimulator discord) => _discord = discord;

    /// <summary>Roles a server may have.</summary>
    public int Most { get; set; } = 250;

    internal void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/guilds/{guild}/roles", MakeAsync);
        api.MapDelete("/guilds/{guild}/roles/{role}", Remove);
        api.MapPut("/guilds/{guild}/members/{user}/roles/{role}", (string guild, string user, string role) => Set(guild, user, role, has: true));
        api.MapDelete("/guilds/{guild}/members/{user}/roles/{role}", (string guild, string user, string role) => Set(guild, user, role, has: false));
    }

    private async Task<IResult> MakeAsync(string guild, HttpContext http)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        var permissions = ulong.Parse(body["permissions"]?.ToString() ?? "0", CultureInfo.InvariantCulture);
        var name = body["name"]?.GetValue<string>() ?? "new role";
        if (name.Length is 0 or > 100)
        {
            return Problem(400, 50035, "Invalid Form Body");
        }

        var (role, problem) = _discord.Guilds.WithRoles(guild, roles =>
        {
            if (Reach(guild, roles) < 0)
            {
                return (null, Forbidden());
            }

            if (roles.Count >= Most)
            {
                return (null, Problem(400, 30005, "Maximum number of guild roles reached"));
            }

            var made = GuildSide.Role(_discord.NextId(), name, permissions, 1, body["mentionable"]?.GetValue<bool>() ?? false);
            roles.Add(made);
            return ((JsonObject?)made.DeepClone(), (IResult?)null);
        });
        if (role is null)
        {
            return problem ?? NoGuild();
        }

        Tell("GUILD_ROLE_CREATE", guild, "role", role.DeepClone());
        Note("role_made", guild, $"{role["id"]} {name}");
        return Results.Json(role);
    }

    private IResult Remove(string guild, string role)
    {
        var (isThere, problem) = _discord.Guilds.WithRoles(guild, roles =>
        {
            if (Find(roles, role) is not { } found)
            {
                return (true, Problem(404, 10011, "Unknown Role"));
            }

            if (Reach(guild, roles) <= Position(found))
            {
                return (true, Forbidden());
            }

            roles.Remove(found);
            return (true, (IResult?)null);
        });
        if (!isThere || problem is not null)
        {
            return problem ?? NoGuild();
        }

        _discord.Guilds.TakeFromAll(guild, role);
        Tell("GUILD_ROLE_DELETE", guild, "role_id", role);
        Note("role_removed", guild, role);
        return Results.NoContent();
    }

    private IResult Set(string guild, string user, string role, bool has)
    {
        var (isThere, problem) = _discord.Guilds.WithRoles(guild, roles =>
        {
            if (_discord.Guilds.RolesOf(guild, user) is not { } own)
            {
                return (true, Problem(404, 10007, "Unknown Member"));
            }

            if (Find(roles, role) is not { } found)
            {
                return (true, Problem(404, 10011, "Unknown Role"));
            }

            if (Reach(guild, roles) <= Position(found))
            {
                return (true, Forbidden());
            }

            if (own.Contains(role, StringComparer.Ordinal) != has)
            {
                _discord.Guilds.SetRoles(guild, user, told: true, [.. own.Where(r => r != role), .. has ? [role] : Array.Empty<string>()]);
                Note(has ? "role_given" : "role_taken", guild, $"{user} {role}");
            }

            return (true, (IResult?)null);
        });
        return problem ?? (isThere ? Results.NoContent() : NoGuild());
    }

    /// <summary>Below which place the bot may change roles; -1: it may change none.</summary>
    private int Reach(string guild, JsonArray roles)
    {
        var own = _discord.Guilds.RolesOf(guild, DiscordSimulator.BotId) ?? [];
        var held = own.Append(guild).Select(id => Find(roles, id)).OfType<JsonObject>().ToList();
        return held.Exists(r => (Permissions(r) & (ManageRoles | Administrator)) != 0) ? held.Max(Position) : -1;
    }

    private static JsonObject? Find(JsonArray roles, string id) =>
        roles.Select(r => r!.AsObject()).FirstOrDefault(r => r["id"]!.GetValue<string>() == id);

    private static ulong Permissions(JsonObject role) => ulong.Parse(role["permissions"]!.GetValue<string>(), CultureInfo.InvariantCulture);

    private static int Position(JsonObject role) => role["position"]!.GetValue<int>();

    private void Tell(string type, string guild, string field, JsonNode value) =>
        _discord.Gateway.Dispatch(type, new JsonObject { ["guild_id"] = guild, [field] = value });

    private void Note(string kind, string guild, string text) => _discord.Ledger.Add(_discord.Time.GetUtcNow(), kind, guild, null, text);

    private static IResult NoGuild() => Problem(404, 10004, "Unknown Guild");

    private static IResult Forbidden() => Problem(403, 50013, "Missing Permissions");

    private static IResult Problem(int status, int code, string message) =>
        Results.Json(new JsonObject { ["code"] = code, ["message"] = message }, statusCode: status);
}
