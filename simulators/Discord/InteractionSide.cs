using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Discord;

/// <summary>
/// Slash commands, buttons, selections and forms: told over the gateway or, signed, over HTTP, and answered within three
/// seconds or not at all.
/// </summary>
public sealed class InteractionSide
{
    private static readonly HttpClient Http = new();

    private readonly DiscordSimulator _discord;
    private readonly InteractionAnswers _answers;
    private readonly ConcurrentDictionary<string, Interaction> _byToken = new(StringComparer.Ordinal);

    internal InteractionSide(DiscordSimulator discord)
    {
        _discord = discord;
        _answers = new InteractionAnswers(discord, this);
    }

    public SigningKey Key { get; } = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    /// <summary>Where interactions are posted; null: the gateway tells them.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Nobody is told of new ones, as when the bot is away.</summary>
    public bool IsSilent { get; set; }

    public TimeSpan AnswerWithin { get; set; } = TimeSpan.FromSeconds(3);

    public TimeSpan Life { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The latest list the bot told.</summary>
    public JsonArray Commands { get; internal set; } = [];

    /// <summary>How often it was told.</summary>
    public int Overwrites { get; internal set; }

    /// <summary>Somebody types a slash command; the interaction's id.</summary>
    public Task<string> RunAsync(string channel, string user, string name, string args = "") =>
        TellAsync(channel, user, 2, new JsonObject { ["id"] = "1", ["name"] = name, ["type"] = 1, ["options"] = Options(args, false) });

    /// <summary>Somebody types on in a slash command; the interaction's id.</summary>
    public Task<string> TypeAsync(string channel, string user, string name, string args) =>
        TellAsync(channel, user, 4, new JsonObject { ["id"] = "1", ["name"] = name, ["type"] = 1, ["options"] = Options(args, true) });

    public Task<string> PressAsync(string channel, string user, string customId) =>
        TellAsync(channel, user, 3, new JsonObject { ["custom_id"] = customId, ["component_type"] = 2 });

    public Task<string> ChooseAsync(string channel, string user, string customId, params string[] values) => TellAsync(
        channel, user, 3, new JsonObject
        {
            ["custom_id"] = customId,
            ["component_type"] = 3,
            ["values"] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]),
        });

    public Task<string> SubmitAsync(string channel, string user, string customId, params (string Name, string Value)[] fields) => TellAsync(
        channel, user, 5, new JsonObject
        {
            ["custom_id"] = customId,
            ["components"] = new JsonArray([.. fields.Select(f => new JsonObject
            {
                ["type"] = 18,
                ["component"] = new JsonObject { ["type"] = 4, ["custom_id"] = f.Name, ["value"] = f.Value },
            })]),
        });

    /// <summary>Tells an interaction once more, as a resumed session or a caller who heard nothing does.</summary>
    public Task RepeatAsync(string id) => TellAsync(Find(id));

    /// <summary>What the bot did about it, in order: the types of its first answers and what came after.</summary>
    public IReadOnlyList<string> History(string id) => [.. Find(id).History];

    /// <summary>The body of what it answered first.</summary>
    public JsonObject? Answer(string id) => Find(id).First;

    public string BodyOf(string id) => Find(id).Body.ToJsonString();

    public string TokenOf(string id) => Find(id).Token;

    internal void Map(WebApplication app)
    {
        _answers.Map(app);
        app.MapPost("/_control/command", (CommandRequest r) => RunAsync(r.Channel, r.User, r.Name, r.Args ?? ""));
        app.MapPost("/_control/press", (PressRequest r) => PressAsync(r.Channel, r.User, r.CustomId));
    }

    internal Task<IResult> OverwriteAsync(string application, HttpContext http) => _answers.OverwriteAsync(application, http);

    internal Interaction? FindByToken(string token) => _byToken.GetValueOrDefault(token);

    private async Task<string> TellAsync(string channel, string user, int type, JsonObject data)
    {
        var id = _discord.NextId();
        var token = $"token-{Guid.NewGuid():N}";
        var interaction = new Interaction(id, token, channel, _discord.Time.GetUtcNow(), new JsonObject
        {
            ["id"] = id,
            ["application_id"] = DiscordSimulator.BotId,
            ["type"] = type,
            ["token"] = token,
            ["version"] = 1,
            ["guild_id"] = DiscordSimulator.GuildId,
            ["channel_id"] = channel,
            ["data"] = data,
            ["member"] = new JsonObject
            {
                ["user"] = new JsonObject { ["id"] = user, ["username"] = $"user{user}" },
                ["roles"] = new JsonArray([.. DiscordSimulator.RolesOf(user).Select(r => JsonValue.Create(r))]),
                ["permissions"] = user switch
                {
                    DiscordSimulator.OwnerId => "8",
                    DiscordSimulator.ModeratorId => "8192",
                    _ => "1024",
                },
            },
        });
        _byToken[token] = interaction;
        await TellAsync(interaction);
        return id;
    }

    private async Task TellAsync(Interaction interaction)
    {
        if (IsSilent)
        {
            return;
        }

        if (Endpoint is null)
        {
            _discord.Gateway.Dispatch("INTERACTION_CREATE", (JsonObject)interaction.Body.DeepClone());
            return;
        }

        var (status, answer) = await PostAsync(interaction.Body.ToJsonString(), _discord.Time.GetUtcNow());
        interaction.History.Add($"HTTP {status}");
        if (status == 200)
        {
            interaction.First = JsonNode.Parse(answer)!.AsObject();
        }
    }

    /// <summary>Posts something to the endpoint, signed.</summary>
    /// <param name="signature">Null: the right one.</param>
    public async Task<(int Status, string Body)> PostAsync(string body, DateTimeOffset at, string? signature = null)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, Endpoint)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers =
            {
                { "X-Signature-Timestamp", timestamp },
                { "X-Signature-Ed25519", signature ?? Key.Sign(Encoding.UTF8.GetBytes(timestamp + body)) },
            },
        };

        // Whoever is refused for the size of what comes need not send it.
        request.Headers.ExpectContinue = true;
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private Interaction Find(string id) => _byToken.Values.Single(i => i.Id == id);

    private static JsonArray Options(string args, bool focused)
    {
        var option = new JsonObject { ["name"] = "args", ["type"] = 3, ["value"] = args };
        if (focused)
        {
            option["focused"] = true;
        }

        return args.Length == 0 && !focused ? [] : [option];
    }

    private sealed record CommandRequest(string Channel, string User, string Name, string? Args);

    private sealed record PressRequest(string Channel, string User, string CustomId);
}

/// <summary>Something somebody did that asks for an answer.</summary>
/// <param name="Body">As the bot is told.</param>
internal sealed record Interaction(string Id, string Token, string Channel, DateTimeOffset At, JsonObject Body)
{
    /// <summary>The bot's first answer.</summary>
    public JsonObject? First { get; set; }

    public List<string> History { get; } = [];
}
