using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Discord;

/// <summary>What the bot answers interactions with: within three seconds first, for a quarter of an hour after, or never.</summary>
internal sealed class InteractionAnswers(DiscordSimulator discord, InteractionSide interactions)
{
    public void Map(WebApplication app)
    {
        var api = app.MapGroup("/api/v10").AddEndpointFilter(async (context, next) =>
        {
            var body = await discord.Rest.RememberAsync(context.HttpContext);
            return discord.Rest.Fail(acts: false, body) ?? await next(context);
        });
        api.MapPost("/interactions/{id}/{token}/callback", AnswerAsync);
        api.MapPost("/webhooks/{application}/{token}", (string token, HttpContext http) => AfterAsync(token, http, "followed"));
        api.MapPatch("/webhooks/{application}/{token}/messages/@original", (string token, HttpContext http) => AfterAsync(token, http, "filled"));
        api.MapGet("/webhooks/{application}/{token}/messages/@original", Look);
        api.MapDelete("/webhooks/{application}/{token}/messages/@original", (string token, HttpContext http) => AfterAsync(token, http, "deleted"));
    }

    /// <summary>Takes the list of commands if it keeps to Discord's rules.</summary>
    public async Task<IResult> OverwriteAsync(string application, HttpContext http)
    {
        if (application != DiscordSimulator.BotId)
        {
            return Problem(403, 20012, "You are not authorized to perform this action on this application");
        }

        var list = (await JsonNode.ParseAsync(http.Request.Body))!.AsArray();
        var names = list.Select(c => c!["name"]!.GetValue<string>()).ToList();
        var isValid = list.Count <= 100
            && names.Distinct(StringComparer.Ordinal).Count() == names.Count
            && names.All(n => n.Length is >= 1 and <= 32
                && n.All(c => c is '-' or '_' or '\'' || (char.IsLetterOrDigit(c) && char.ToLowerInvariant(c) == c)))
            && list.All(c => c!["description"]!.GetValue<string>().Length is >= 1 and <= 100 && c["options"]!.AsArray().Count <= 25);
        if (!isValid)
        {
            return Problem(400, 50035, "Invalid Form Body");
        }

        interactions.Overwrites++;
        interactions.Commands = list;
        return Results.Json(list);
    }

    private async Task<IResult> AnswerAsync(string id, string token, HttpContext http)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        if (interactions.FindByToken(token) is not { } interaction || interaction.Id != id
            || discord.Time.GetUtcNow() - interaction.At > interactions.AnswerWithin)
        {
            return Problem(404, 10062, "Unknown interaction");
        }

        lock (interaction)
        {
            if (interaction.First is not null)
            {
                return Problem(400, 40060, "Interaction has already been acknowledged.");
            }

            interaction.First = body;
            interaction.History.Add($"answered {body["type"]}");
        }

        switch (body["type"]!.GetValue<int>())
        {
            case 4:
                Show(interaction, body["data"]!.AsObject());
                break;
            case 9:
                Note("form", interaction, body["data"]!["title"]!.GetValue<string>(), true);
                break;
            default:
                break;
        }

        return Results.NoContent();
    }

    private IResult Look(string token)
    {
        if (Standing(token) is not { } interaction)
        {
            return Problem(404, 10015, "Unknown Webhook");
        }

        if (interaction.History.Contains("deleted"))
        {
            return Problem(404, 10008, "Unknown Message");
        }

        var isLoading = interaction.First!["type"]!.GetValue<int>() == 5 && !interaction.History.Contains("filled");
        var flags = isLoading ? 128 : interaction.First["data"]?["flags"]?.GetValue<int>() ?? 0;
        return Results.Json(new JsonObject { ["id"] = interaction.Id, ["flags"] = flags });
    }

    /// <summary>One that was answered in time and is not too old.</summary>
    private Interaction? Standing(string token) =>
        interactions.FindByToken(token) is { First: not null } interaction && discord.Time.GetUtcNow() - interaction.At <= interactions.Life
            ? interaction
            : null;

    private async Task<IResult> AfterAsync(string token, HttpContext http, string how)
    {
        if (Standing(token) is not { } interaction)
        {
            return Problem(404, 10015, "Unknown Webhook");
        }

        interaction.History.Add(how);
        if (how == "deleted")
        {
            return Results.NoContent();
        }

        Show(interaction, (await JsonNode.ParseAsync(http.Request.Body))!.AsObject());
        return Results.Json(new JsonObject { ["id"] = discord.NextId() });
    }

    private void Show(Interaction interaction, JsonObject message)
    {
        var isPrivate = ((message["flags"]?.GetValue<int>() ?? 0) & 64) != 0;
        Note("answered", interaction, message["content"]?.GetValue<string>() ?? "", isPrivate, MessageBody.Shown(message));
    }

    private void Note(string kind, Interaction interaction, string text, bool isPrivate, JsonObject? shown = null) =>
        discord.Ledger.Add(discord.Time.GetUtcNow(), kind, interaction.Channel, interaction.Id, text, isPrivate, shown);

    private static IResult Problem(int status, int code, string message) =>
        Results.Json(new JsonObject { ["code"] = code, ["message"] = message }, statusCode: status);
}
