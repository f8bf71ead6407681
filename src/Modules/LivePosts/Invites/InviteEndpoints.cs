using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Api;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Invites;

/// <summary>Codes with which streamers bring their own channel to a guild.</summary>
internal static class InviteEndpoints
{
    private const int MaxHours = 8760;
    private const int MaxUses = 10_000;

    public static void Map(RouteGroupBuilder live)
    {
        var own = live.MapGroup("/guilds/{guild_id}/invites").WithTags("live").NeedsGuildAdmin("guild_id", null);
        own.MapGet("", ListAsync).Needs(Scopes.LiveRead).WithSummary("Lists a guild's invitations, newest first.").ProducesProblem(404);
        own.MapPost("", AddAsync).Needs(Scopes.LiveWrite)
            .WithSummary("Makes an invitation.").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        own.MapDelete("/{id:guid}", RemoveAsync).Needs(Scopes.LiveWrite).WithSummary("Takes an invitation back.").ProducesProblem(404);
        var given = live.MapGroup("/invites/{code}").WithTags("live");
        given.MapGet("", CardAsync).NeedsSession()
            .WithSummary("Tells somebody who has a code which guild invites them.").ProducesProblem(404).ProducesProblem(410);
        given.MapPost("/accept", AcceptAsync).NeedsSession()
            .WithSummary("Has the guild follow the Twitch channel of whoever is signed in with it.")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(410).ProducesProblem(502);
    }

    private static async Task<Results<Ok<Page<Invite>>, ProblemHttpResult>> ListAsync(
        string guild_id, PageQuery page, Caller caller, Access access, InviteStore invites, PublicAddress address, CancellationToken ct) =>
        await access.GuildAsync(guild_id, caller, ct) is { } guild
            ? TypedResults.Ok(Page.Of(
                [.. (await invites.PageAsync(guild.GuildId, page, ct)).Select(i => WithUrl(i, address))], page.Limit, i => i.Id))
            : Access.NoGuild(guild_id);

    private static async Task<Results<Created<Invite>, ProblemHttpResult>> AddAsync(
        string guild_id,
        InviteRequest request,
        Caller caller,
        Access access,
        InviteStore invites,
        StreamerLinks links,
        PublicAddress address,
        Database db,
        CancellationToken ct)
    {
        if (await access.GuildAsync(guild_id, caller, ct) is not { } guild)
        {
            return Access.NoGuild(guild_id);
        }

        var checks = new Checks()
            .That(request.ExpiresInHours is null or (>= 0 and <= MaxHours), "expires_in_hours", $"must be 1 to {MaxHours}, or 0 for never.")
            .That(request.MaxUses is null or (>= 0 and <= MaxUses), "max_uses", $"must be 1 to {MaxUses}, or 0 for no limit.");
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        var made = await db.TransactionAsync(
            async t =>
            {
                await StreamerLinks.LockAsync(t, guild, ct);
                var invite = await invites.AddAsync(t, guild.GuildId, request, caller.Actor, ct);
                if (invite is not null)
                {
                    await links.AuditAsync(t, guild, Access.By(caller), "live.create_invite", null, ct);
                }

                return invite;
            },
            ct);
        return made is null
            ? Problems.Conflict($"The guild has {InviteStore.MaxOfGuild} invitations, which is the most; take some back.")
            : TypedResults.Created($"/api/v1/live/guilds/{guild.GuildId}/invites/{made.Id}", WithUrl(made, address));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string guild_id, Guid id, Caller caller, Access access, InviteStore invites, StreamerLinks links, Database db, CancellationToken ct)
    {
        if (await access.GuildAsync(guild_id, caller, ct) is not { } guild)
        {
            return Access.NoGuild(guild_id);
        }

        var gone = await db.TransactionAsync(
            async t =>
            {
                var removed = await invites.RemoveAsync(t, guild.GuildId, id, ct);
                if (removed)
                {
                    await links.AuditAsync(t, guild, Access.By(caller), "live.delete_invite", null, ct);
                }

                return removed;
            },
            ct);
        return gone ? TypedResults.NoContent() : Problems.NotFound($"The guild has no invitation with id {id}.");
    }

    private static async Task<Results<Ok<InviteCard>, ProblemHttpResult>> CardAsync(
        string code, InviteStore invites, GuildStore guilds, Database db, TimeProvider clock, CancellationToken ct) =>
        !IsCode(code) || await invites.FindAsync(db.Write, code, ct) is not { } invite
            || await guilds.FindAsync(invite.GuildId, null, ct) is not { } guild ? NoInvite()
        : invite.IsOver(clock.GetUtcNow()) ? Over()
        : TypedResults.Ok(new InviteCard(guild.GuildId, guild.Name, guild.Icon, invite.ExpiresAt));

    private static async Task<Results<Ok<Accepted>, ProblemHttpResult>> AcceptAsync(
        string code, SignedIn person, TakeInvite take, CancellationToken ct)
    {
        if (!IsCode(code))
        {
            return NoInvite();
        }

        if (person.On(Platform.Twitch) is not { } channel)
        {
            return Problems.Forbidden($"Sign in with Twitch too, to prove which channel is yours: /auth/twitch/login?return_to=/live/invite/?code={code}");
        }

        var (outcome, accepted) = await take.RunAsync(code, channel, person.On(Platform.Discord) ?? channel, ct);
        return outcome switch
        {
            TakeOutcome.Taken => TypedResults.Ok(accepted!),
            TakeOutcome.Unknown => NoInvite(),
            TakeOutcome.Over => Over(),
            TakeOutcome.Full => Problems.Conflict($"The guild follows {StreamerStore.MaxOfGuild} streamers, which is the most; tell whoever invited you."),
            _ => TypedResults.Problem("Twitch cannot be asked now; try again in a minute.", statusCode: StatusCodes.Status502BadGateway),
        };
    }

    private static bool IsCode(string code) => code.Length is >= 6 and <= 32 && code.All(char.IsAsciiHexDigitLower);

    private static ProblemHttpResult NoInvite() => Problems.NotFound("There is no such invitation; ask whoever gave it to you for another.");

    private static ProblemHttpResult Over() =>
        TypedResults.Problem("This invitation is used up or has expired; ask for another.", statusCode: StatusCodes.Status410Gone);

    private static Invite WithUrl(Invite invite, PublicAddress address) =>
        invite with { Url = address.Of($"live/invite/?code={invite.Code}")?.AbsoluteUri };
}
