using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Rookery.Simulators.Slack;

/// <summary>The methods of the Web API that a bot needs, with Slack's checks, limits and errors.</summary>
internal sealed class SlackWebApi(SlackSimulator slack, SlackState state, SlackSockets sockets, SlackOAuth oauth, SlackActs acts)
{
    private readonly SlackChat _chat = new(slack, state, acts);

    public void Map(WebApplication app) => app.MapPost("/api/{method}", AnswerAsync);

    private async Task AnswerAsync(HttpContext http, string method)
    {
        slack.Count(method);
        var failure = state.NextFailure(method);
        if (failure is { Acts: false })
        {
            await FailAsync(http, failure);
            return;
        }

        var fields = await FieldsAsync(http.Request);
        var overrun = method == "chat.postMessage" ? state.Overrun(Text(fields, "channel") ?? "") : 0;
        if (overrun > 0)
        {
            slack.Count("429");
            await FailAsync(http, new SlackFailure(429, "ratelimited", overrun));
            return;
        }

        var answer = Answer(http.Request, method, fields);
        await (failure is null ? http.Response.WriteAsJsonAsync(answer) : FailAsync(http, failure));
    }

    private JsonObject Answer(HttpRequest request, string method, JsonObject fields)
    {
        var token = request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        switch (method)
        {
            case "oauth.v2.access":
                return oauth.Access(request.Headers.Authorization.ToString(), fields);
            case "apps.connections.open":
                return token == slack.AppToken ? sockets.Open() : Error("invalid_auth");
        }

        var isUser = state.UserTokens.TryGetValue(token, out var team);
        if (!isUser && !state.Tokens.TryGetValue(token, out team))
        {
            return Error(token.Length == 0 ? "not_authed" : "invalid_auth");
        }

        return state.Expired.ContainsKey(token) ? Error("token_expired") : method switch
        {
            "auth.test" => new JsonObject
            {
                ["ok"] = true,
                ["team_id"] = team,
                ["team"] = $"Team {team}",
                ["user_id"] = slack.BotUser,
                ["bot_id"] = "B1",
            },
            "chat.postMessage" => _chat.Post(fields),
            "chat.postEphemeral" => _chat.Whisper(fields),
            "chat.update" => _chat.Update(fields),
            "conversations.list" => Conversations(),
            "chat.delete" => _chat.Delete(fields, isUser),
            "conversations.history" or "conversations.replies" => _chat.History(fields),
            "conversations.open" => _chat.Open(fields),
            "conversations.kick" => Kick(fields),
            "views.open" => acts.Open(fields),
            "users.info" => UserInfo(fields, team!),
            _ => Error("unknown_method"),
        };
    }

    private JsonObject Conversations() => new()
    {
        ["ok"] = true,
        ["channels"] = new JsonArray([.. slack.Channels.Select(c => new JsonObject { ["id"] = c.Key, ["name"] = c.Value, ["is_member"] = true })]),
        ["response_metadata"] = new JsonObject { ["next_cursor"] = "" },
    };

    private JsonObject Kick(JsonObject fields)
    {
        slack.Ledger.Add(state.Now, "restricted", Text(fields, "channel") ?? "", null, Text(fields, "user") ?? "");
        return new JsonObject { ["ok"] = true };
    }

    private JsonObject UserInfo(JsonObject fields, string team) =>
        !state.Users.TryGetValue(Text(fields, "user") ?? "", out var user)
            ? Error("user_not_found")
            : new JsonObject
            {
                ["ok"] = true,
                ["user"] = new JsonObject
                {
                    ["id"] = user.Id,
                    ["team_id"] = team,
                    ["name"] = user.Name,
                    ["is_admin"] = user.IsAdmin || user.IsOwner,
                    ["is_owner"] = user.IsOwner,
                    ["profile"] = new JsonObject { ["display_name"] = user.Name },
                },
            };

    internal static JsonObject Error(string error) => new() { ["ok"] = false, ["error"] = error };

    internal static string? Text(JsonObject fields, string name) =>
        fields[name] is JsonValue value ? value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString() : null;

    /// <summary>As a person sees it.</summary>
    internal static string Seen(string text) =>
        WebUtility.HtmlDecode(text.Replace("<@", "@", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal));

    private static async Task<JsonObject> FieldsAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        if (request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true)
        {
            return JsonNode.Parse(body)!.AsObject();
        }

        var fields = new JsonObject();
        foreach (var (name, value) in QueryHelpers.ParseQuery(body))
        {
            fields[name] = value.ToString();
        }

        return fields;
    }

    internal static async Task FailAsync(HttpContext http, SlackFailure failure)
    {
        http.Response.StatusCode = failure.Status;
        if (failure.RetryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (failure.Error is { } error)
        {
            await http.Response.WriteAsJsonAsync(Error(error));
        }
    }
}
