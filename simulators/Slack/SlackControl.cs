using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Rookery.Simulators.Slack;

/// <summary>What <c>/_control</c> takes: acts of people, and misbehaviour on demand.</summary>
internal sealed class SlackControl(SlackSimulator slack)
{
    public void Map(WebApplication app)
    {
        var control = app.MapGroup("/_control");
        control.MapPost("/say", async (Say say, CancellationToken ct) =>
            new { ts = await slack.SayAsync(say.Channel, say.User, say.Text, say.Thread, ct) });
        control.MapPost("/event", async (JsonObject e, string? team, CancellationToken ct) =>
            new { event_id = await slack.EventAsync(team ?? slack.Team, e, ct) });
        control.MapPost("/redeliver/{id}", async (string id, CancellationToken ct) =>
            new { taken = await slack.RedeliverAsync(id, ct) });
        control.MapPost("/command", async (Typed typed, CancellationToken ct) =>
            new { taken = await slack.CommandAsync(typed.Command, typed.Text, typed.Channel, typed.User, ct) });
        control.MapPost("/interact", async (JsonObject payload, string? channel, CancellationToken ct) =>
            new { taken = await slack.InteractAsync(payload, channel, ct) });
        control.MapPost("/use", async (Used used, CancellationToken ct) =>
            new { taken = await slack.ChooseAsync(used.Channel, used.User, used.ActionId, used.Values ?? [], ct) });
        control.MapPost("/submit", async (Filled filled, CancellationToken ct) =>
            new { taken = await slack.SubmitAsync(filled.CallbackId, filled.User, [.. filled.Fields.Select(f => (f.Key, f.Value))], ct) });
        control.MapGet("/views", () => slack.Views);
        control.MapPost("/user", (SlackUser user) => slack.AddUser(user));
        control.MapPost("/close/{channel}", (string channel) => slack.Close(channel));
        control.MapPost("/fail/{method}", (string method, SlackFailure failure) => slack.Fail(method, failure));
        control.MapPost("/expire/{token}", (string token) => slack.Expire(token));
        control.MapPost("/disconnect/{reason}", (string reason, CancellationToken ct) => slack.DisconnectAsync(reason, ct));
        control.MapPost("/drop", () => slack.Drop());
        control.MapPost("/deafen/{times:int}", (int times) => slack.Deafen(times));
        control.MapPost("/workspace/{team}", (string team) => slack.NextWorkspace = team);
        control.MapPost("/rotates/{rotates:bool}", (bool rotates) => slack.RotatesTokens = rotates);
        control.MapPost("/lends/{lends:bool}", (bool lends) => slack.LendsUserToken = lends);
        control.MapPost("/request_url", (Target target) => slack.RequestUrl = target.Url);
        control.MapGet("/calls/{method}", (string method) => slack.Calls(method));
    }

    private sealed record Say(string Channel, string User, string Text, string? Thread);

    private sealed record Typed(string Command, string Text, string Channel, string User);

    /// <param name="Values">What is chosen; none for a button.</param>
    private sealed record Used(string Channel, string User, string ActionId, IReadOnlyList<string>? Values);

    private sealed record Filled(string CallbackId, string User, IReadOnlyDictionary<string, string> Fields);

    private sealed record Target(Uri? Url);
}
