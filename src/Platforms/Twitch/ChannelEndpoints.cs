using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Twitch;

/// <param name="Login">The channel's name as in its address, twitch.tv/name.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ChannelRequest(string? Login);

/// <summary>Which channels the bot serves. For the operator: a new channel is a community of its own.</summary>
internal static class ChannelEndpoints
{
    private const int MaxLogin = 25;

    public static void Map(RouteGroupBuilder group)
    {
        var channels = group.MapGroup("/twitch/channels").Needs(Scopes.Admin).WithTags("twitch");
        channels.MapGet("", ListAsync).WithSummary("Lists the channels by id.").ProducesProblem(403);
        channels.MapPost("", AddAsync).WithSummary("Lets the bot into a channel.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(502);
        channels.MapDelete("/{channel_id}", RemoveAsync).WithSummary("Takes the bot out of a channel; what it stored stays.")
            .ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<ChannelView>>, ProblemHttpResult>> ListAsync(
        PageQuery page, Caller caller, ChannelStore store, CancellationToken ct) =>
        caller.Community is null
            ? TypedResults.Ok(Page.Of(await store.ListAsync(page.After, page.Limit + 1, ct), page.Limit, c => c.ChannelId))
            : NotYours();

    private static async Task<Results<Created<ChannelView>, ProblemHttpResult>> AddAsync(
        ChannelRequest request,
        Caller caller,
        Helix helix,
        ChannelStore store,
        Changes changes,
        Database db,
        AuditLog audit,
        IOptions<TwitchOptions> options,
        CancellationToken ct)
    {
        var login = request.Login?.ToLowerInvariant();
        if (caller.Community is not null)
        {
            return NotYours();
        }

        if (!options.Value.IsOn)
        {
            return Problems.NotFound("Twitch is off: Platforms:Twitch:ClientId, ClientSecret and BotUserId are not all set.");
        }

        if (login is not { Length: >= 1 and <= MaxLogin } || !login.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            return Problems.Invalid("login", $"must be a channel's name of 1 to {MaxLogin} letters, digits and _; for example twitchdev.");
        }

        var response = await helix.AsAppAsync(HttpMethod.Get, $"users?login={login}", null, ct);
        if (!response.Ok)
        {
            return TypedResults.Problem(Auth.OAuth.Describe(response), statusCode: StatusCodes.Status502BadGateway);
        }

        if (JsonSerializer.Deserialize(response.Body, TwitchJson.Default.UserPage)?.Data is not [var user, ..])
        {
            return Problems.NotFound($"Twitch knows no channel {login}.");
        }

        var made = await db.TransactionAsync(
            async transaction =>
            {
                var channel = await store.SaveAsync(transaction, user.Id, user.Login, caller.Actor, ct);
                var details = new JsonObject { ["login"] = user.Login };
                await audit.WriteAsync(transaction, 0, caller.Actor, "twitch.channel_added", details, ct);
                return channel;
            },
            ct);
        changes.Ring();
        return TypedResults.Created($"/api/v1/twitch/channels/{made.ChannelId}", made);
    }

    private static async Task<Results<Ok<ChannelView>, ProblemHttpResult>> RemoveAsync(
        string channel_id, Caller caller, ChannelStore store, Changes changes, Database db, AuditLog audit, CancellationToken ct)
    {
        if (caller.Community is not null)
        {
            return NotYours();
        }

        var gone = await db.TransactionAsync(
            async transaction =>
            {
                var channel = await store.SwitchOffAsync(transaction, channel_id, ct);
                if (channel is not null)
                {
                    await audit.WriteAsync(
                        transaction, 0, caller.Actor, "twitch.channel_removed", new JsonObject { ["login"] = channel.BroadcasterName }, ct);
                }

                return channel;
            },
            ct);
        changes.Ring();
        return gone is null ? Problems.NotFound($"There is no Twitch channel with id {channel_id}.") : TypedResults.Ok(gone);
    }

    private static ProblemHttpResult NotYours() =>
        Problems.Forbidden("Which channels the bot serves is decided with a key that is bound to no community.");
}
