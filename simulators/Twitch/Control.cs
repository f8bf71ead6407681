using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>Makes people act and the simulator misbehave, over HTTP: <c>POST /_control/…</c>.</summary>
internal static class Control
{
    public static void Map(WebApplication app, TwitchSimulator twitch)
    {
        var control = app.MapGroup("/_control");
        control.MapPost("/user", (string id, string login) => Results.Json(twitch.Accounts.Add(id, login)));
        control.MapPost("/login", (string? user) => Done(() => twitch.Accounts.LogsIn = user));
        control.MapPost("/say", async (string channel, string user, string text, string? badges) =>
            Results.Json(new { message_id = await twitch.Chat.SayAsync(channel, user, text, null, badges?.Split(',') ?? []) }));
        control.MapPost("/event", async (string type, JsonObject e) =>
            Results.Json(new { subscriptions = await twitch.Events.EmitAsync(type, e) }));
        control.MapPost("/live", (string channel, string? title, string? game, int? viewers) =>
            twitch.Streams.BeginAsync(channel, title ?? "Live", game ?? "Chess", viewers ?? 1));
        control.MapPost("/offline", (string channel) => twitch.Streams.EndAsync(channel));
        control.MapPost("/update", async (string channel, string title, string? game, int? viewers) =>
        {
            if (twitch.Streams.IdOf(channel) is null)
            {
                return Results.NotFound($"Nobody streams in channel {channel}; begin with /_control/live.");
            }

            await twitch.Streams.ChangeAsync(channel, title, game ?? "Chess", viewers ?? 1);
            return Results.NoContent();
        });
        control.MapPost("/moderator", (string channel) => Done(() => twitch.Chat.Moderated[channel] = true));
        control.MapPost("/fail", (int status, int times, bool? said) => Done(() => twitch.Chat.Fail(status, times, said ?? false)));
        control.MapPost("/expire", (bool? refresh) => Done(() => twitch.Accounts.Expire(refresh ?? false)));
        control.MapPost("/revoke", async (string type, string? status) =>
        {
            await twitch.Events.RevokeAsync(type, status ?? "authorization_revoked");
            return Results.NoContent();
        });
        control.MapPost("/reconnect", async () =>
        {
            await twitch.Sockets.ReconnectAsync(twitch.Address);
            return Results.NoContent();
        });
        control.MapPost("/close", async (int code) =>
        {
            await twitch.Sockets.CloseAsync(code);
            return Results.NoContent();
        });
        control.MapPost("/cut", () => Done(twitch.Sockets.Cut));
        control.MapPost("/silence", () => Done(twitch.Sockets.Silence));
        control.MapPost("/irc/reconnect", async () =>
        {
            await twitch.Irc.ReconnectAsync();
            return Results.NoContent();
        });
        control.MapPost("/irc/cut", () => Done(twitch.Irc.Cut));
        control.MapPost("/irc/silence", () => Done(twitch.Irc.Silence));
        control.MapPost("/irc/refuse", (bool tokens) => Done(() => twitch.Irc.RefusesTokens = tokens));
        control.MapPost("/copies", (int copies, int twins) => Done(() => (twitch.Events.Copies, twitch.Events.Twins) = (copies, twins)));
        control.MapGet("/subscriptions", () => Results.Json(new JsonArray([.. twitch.Events.All.Select(s => s.ToJson())])));
    }

    private static IResult Done(Action act)
    {
        act();
        return Results.NoContent();
    }
}
