using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Posting;
using Rookery.Modules.LivePosts.Streamers;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Api;

/// <param name="Bell">Whether posts have the button with which members choose whether it rings for them; true unless told.</param>
/// <param name="Version">Of the settings that were read and are changed; 0 for the first ones.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ConfigRequest(
    string? ChannelId, string? MentionRoleId, JsonElement? MessageTemplate, bool? Enabled, string? TimeZone, bool? Bell, int? Version);

internal sealed record InstallLink(Uri Url);

/// <summary>Guilds, what there is in them, and how their posts are made.</summary>
internal static class GuildEndpoints
{
    public static void Map(RouteGroupBuilder live)
    {
        var guilds = live.MapGroup("/guilds").WithTags("live");
        guilds.MapGet("", ListAsync).Needs(Scopes.LiveRead).WithSummary("Lists the servers the bot is in.");
        live.MapGet("/install", InstallAsync).WithTags("live").WithMetadata(new TakesSession(Alone: false)).Needs(Scopes.LiveRead)
            .WithSummary("Where the bot is let into a Discord server, with the least rights that live posts need.").ProducesProblem(502);
        guilds.MapGet("/{guild_id}/places", PlacesAsync).Needs(Scopes.LiveRead).NeedsGuildMember("guild_id", null)
            .WithSummary("The channels and roles of a server that can be chosen.").ProducesProblem(404).ProducesProblem(502);
        guilds.MapGet("/{guild_id}/config", ConfigAsync).Needs(Scopes.LiveRead).NeedsGuildMember("guild_id", null)
            .WithSummary("The settings that hold, also when none were saved.").ProducesProblem(404);
        guilds.MapPut("/{guild_id}/config", SaveAsync).Needs(Scopes.LiveWrite).NeedsGuildAdmin("guild_id", null)
            .WithSummary("Saves the settings; a pause after failures ends with that.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        guilds.MapPost("/{guild_id}/test", TestAsync).Needs(Scopes.LiveWrite).NeedsGuildAdmin("guild_id", null)
            .WithSummary("Sends a marked sample.").ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Ok<Page<Guild>>> ListAsync(PageQuery page, Caller caller, GuildStore guilds, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await guilds.PageAsync(caller.Community, page, ct), page.Limit, g => g.GuildId));

    private static async Task<Results<Ok<InstallLink>, ProblemHttpResult>> InstallAsync(
        string? guild_id, IEnumerable<IInstallPage> pages, CancellationToken ct) =>
        pages.FirstOrDefault(p => p.Platform == Platform.Discord) is { } page && await page.AddressAsync(guild_id, ct) is { } address
            ? TypedResults.Ok(new InstallLink(address))
            : TypedResults.Problem("Discord is off, or does not answer now; ./run doctor tells which.", statusCode: StatusCodes.Status502BadGateway);

    private static async Task<Results<Ok<ServerPlaces>, ProblemHttpResult>> PlacesAsync(
        string guild_id, Caller caller, Access access, PlaceChecks places, CancellationToken ct)
    {
        if (await access.GuildAsync(guild_id, caller, ct) is not { } guild)
        {
            return Access.NoGuild(guild_id);
        }

        return await places.FindAsync(guild, ct) is { } own
            ? TypedResults.Ok(own)
            : TypedResults.Problem(
                $"{guild.Platform.Name()} does not tell what there is in this server; is the bot in it?",
                statusCode: StatusCodes.Status502BadGateway);
    }

    private static async Task<Results<Ok<GuildConfig>, ProblemHttpResult>> ConfigAsync(
        string guild_id, Caller caller, Access access, GuildStore guilds, CancellationToken ct) =>
        await access.GuildAsync(guild_id, caller, ct) is { } guild
            ? TypedResults.Ok(await guilds.ConfigAsync(guild, ct))
            : Access.NoGuild(guild_id);

    private static async Task<Results<Ok<GuildConfig>, ProblemHttpResult>> SaveAsync(
        string guild_id,
        ConfigRequest request,
        Caller caller,
        Access access,
        GuildStore guilds,
        PlaceChecks places,
        StreamerLinks links,
        Database db,
        TimeProvider clock,
        CancellationToken ct)
    {
        if (await access.GuildAsync(guild_id, caller, ct) is not { } guild)
        {
            return Access.NoGuild(guild_id);
        }

        var zone = request.TimeZone ?? "UTC";
        var template = request.MessageTemplate?.GetRawText() ?? PostTemplate.DefaultJson;
        var checks = TemplateChecks.Check(template, zone, clock)
            .That(request.ChannelId is not null, "channel_id", "is required; \"\" chooses none.")
            .That(request.Version is >= 0, "version", "is required: that of the settings that were read, 0 when none were saved.")
            .That(DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null, "time_zone", "must be an IANA time zone such as Europe/Paris.");
        await places.CheckAsync(checks, guild, request.ChannelId, request.MentionRoleId, ct);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var wanted = new GuildConfig(
            guild.GuildId, request.ChannelId!, request.MentionRoleId, JsonElement.Parse(template), request.Enabled ?? true, null,
            request.Version!.Value, zone, null, request.Bell ?? true);
        var saved = await db.TransactionAsync(
            async t =>
            {
                var done = await guilds.SaveAsync(t, wanted, caller.Actor, ct);
                if (done is not null)
                {
                    await links.AuditAsync(t, guild, Access.By(caller), "live.update_config", null, ct);
                }

                return done;
            },
            ct);
        return saved is null
            ? Problems.Conflict("Somebody else changed the settings since they were read; read them again.")
            : TypedResults.Ok(saved);
    }

    private static async Task<Results<Ok<Sample>, ProblemHttpResult>> TestAsync(
        string guild_id, Caller caller, Access access, Samples samples, CancellationToken ct)
    {
        if (await access.GuildAsync(guild_id, caller, ct) is not { } guild)
        {
            return Access.NoGuild(guild_id);
        }

        return await samples.SendAsync(guild, null, ct) is { } sample
            ? TypedResults.Ok(sample)
            : Problems.Conflict("No channel is chosen; set channel_id in the settings of the guild.");
    }
}
