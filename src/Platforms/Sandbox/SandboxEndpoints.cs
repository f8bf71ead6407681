using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Sandbox;

/// <summary>The sandbox over plain HTTP; the same as over its socket, without the waiting for news.</summary>
internal static class SandboxEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var sandbox = group.MapGroup("/sandbox").Needs(Scopes.Sandbox).WithTags("sandbox");
        sandbox.MapGet("/channels", ChannelsAsync).WithSummary("Lists the channels by name.");
        sandbox.MapPost("/channels", CreateAsync).WithSummary("Makes a channel.");
        sandbox.MapGet("/channels/{channel}/messages", MessagesAsync)
            .WithSummary("The newest messages first; or, with after, what changed since that position, oldest first.");
        sandbox.MapPost("/channels/{channel}/messages", SayAsync)
            .WithSummary("Says something and waits until what it caused is durable.");
    }

    private static async Task<Page<SandboxChannel>> ChannelsAsync(
        PageQuery page, Caller caller, SandboxStore store, CancellationToken ct) =>
        Page.Of(await store.ChannelsAsync(caller.Community, page, ct), page.Limit, c => c.Name);

    private static async Task<Results<Created<SandboxChannel>, ProblemHttpResult>> CreateAsync(
        NewChannel request, Caller caller, SandboxStore store, Database db, AuditLog audit, CancellationToken ct)
    {
        if (request.Check() is { Ok: false } wrong)
        {
            return wrong.Problem();
        }

        if (caller.Community is { } community)
        {
            return Problems.Forbidden(
                $"A new channel is a community of its own, and this key may only act in community {community.ToString(CultureInfo.InvariantCulture)}.");
        }

        var made = await db.TransactionAsync(
            async transaction =>
            {
                var channel = await store.CreateChannelAsync(
                    transaction, request.Name!, request.Title ?? request.Name!, ct);
                if (channel is not null)
                {
                    var details = new JsonObject { ["name"] = channel.Name };
                    await audit.WriteAsync(transaction, 0, caller.Actor, "sandbox.channel_created", details, ct);
                }

                return channel;
            },
            ct);
        return made is null
            ? Problems.Conflict($"There is a channel {request.Name} already.")
            : TypedResults.Created($"/api/v1/sandbox/channels/{made.Name}/messages", made);
    }

    private static async Task<Results<Ok<Page<SandboxMessage>>, ProblemHttpResult>> MessagesAsync(
        string channel, long? after, PageQuery page, Caller caller, SandboxStore store, CancellationToken ct)
    {
        if (!await store.HasChannelAsync(channel, caller.Community, ct))
        {
            return NoChannel(channel);
        }

        return TypedResults.Ok(after is { } position
            ? new Page<SandboxMessage>(await store.ChangesAsync(channel, position, page.Limit, ct), null)
            : Page.Of(await store.NewestAsync(channel, page.AfterId, page.Limit + 1, ct), page.Limit, m => m.Id));
    }

    private static async Task<Results<Ok<Spoken>, ProblemHttpResult>> SayAsync(
        string channel, Line line, HttpContext http, Caller caller, SandboxStore store, SandboxGateway gateway, CancellationToken ct)
    {
        if (line.Check() is { Ok: false } wrong)
        {
            return wrong.Problem();
        }

        if (!await store.HasChannelAsync(channel, caller.Community, ct)
            || await store.AddLineAsync(channel, line, ct) is not { } message)
        {
            return NoChannel(channel);
        }

        var routed = await gateway.DeliverAsync(message, ct);
        if (routed.Outcome == Outcome.Overloaded)
        {
            var seconds = Math.Ceiling(routed.RetryAfter.TotalSeconds);
            http.Response.Headers.RetryAfter = seconds.ToString("0", CultureInfo.InvariantCulture);
            return TypedResults.Problem(SandboxGateway.Overloaded, statusCode: 503);
        }

        return TypedResults.Ok(Spoken.Of(message, routed));
    }

    private static ProblemHttpResult NoChannel(string channel) =>
        Problems.NotFound($"There is no sandbox channel {channel}.");
}
