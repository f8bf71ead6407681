using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Rookery.Simulators.Discord;

/// <summary>
/// Discord's gateway and HTTP interface as far as a bot meets them: hello, heartbeats, identify and resume with replay,
/// reconnects, closed sockets, compression, rate limits by bucket and in all, interactions and their three seconds.
/// </summary>
public sealed class DiscordSimulator : Simulator
{
    private long _lastId = 1_300_000_000_000_000_000;

    public DiscordSimulator()
    {
        Gateway = new GatewaySide(this);
        Rest = new RestSide(this);
        Guilds = new GuildSide(this);
        Roles = new RoleSide(this);
        Interactions = new InteractionSide(this);
        SignIn = new SignInSide(this);
    }

    public const string BotId = "900000000000000001";

    public const string GuildId = "800000000000000001";

    public const string OwnerId = "700000000000000001";

    /// <summary>Who has the role of the moderators, unless told otherwise.</summary>
    public const string ModeratorId = "700000000000000002";

    /// <summary>Somebody who is in the server and may nothing else.</summary>
    public const string MemberId = "42";

    /// <summary>The only token that is right.</summary>
    public string Token { get; set; } = "discord-bot-token";

    public GatewaySide Gateway { get; }

    public RestSide Rest { get; }

    public GuildSide Guilds { get; }

    public RoleSide Roles { get; }

    public InteractionSide Interactions { get; }

    public SignInSide SignIn { get; }

    internal TimeProvider Time => Clock;

    /// <summary>Somebody says something; the id of the message.</summary>
    public string Say(string channel, string user, string text, params string[] roles)
    {
        var id = NextId();
        Ledger.Add(Clock.GetUtcNow(), "heard", channel, id, text);
        Gateway.Dispatch("MESSAGE_CREATE", new JsonObject
        {
            ["id"] = id,
            ["type"] = 0,
            ["channel_id"] = channel,
            ["guild_id"] = GuildId,
            ["author"] = new JsonObject { ["id"] = user, ["username"] = $"user{user}", ["global_name"] = null, ["discriminator"] = "0" },
            ["member"] = new JsonObject { ["nick"] = null, ["roles"] = new JsonArray([.. roles.Select(r => JsonValue.Create(r))]) },
            ["content"] = text,
            ["timestamp"] = Clock.GetUtcNow().ToString("O"),
            ["mentions"] = new JsonArray(),
        });
        return id;
    }

    /// <summary>Somebody changes what they said.</summary>
    /// <param name="at">When; null: it only got a preview.</param>
    public void Edit(string channel, string user, string message, string text, DateTimeOffset? at) => Gateway.Dispatch("MESSAGE_UPDATE", new JsonObject
    {
        ["id"] = message,
        ["channel_id"] = channel,
        ["guild_id"] = GuildId,
        ["author"] = new JsonObject { ["id"] = user, ["username"] = $"user{user}" },
        ["member"] = new JsonObject { ["roles"] = new JsonArray() },
        ["content"] = text,
        ["edited_timestamp"] = at?.ToString("O"),
    });

    internal static IReadOnlyList<string> RolesOf(string user) => user == ModeratorId ? [GuildSide.Moderators] : [];

    internal string NextId() => Interlocked.Increment(ref _lastId).ToString(System.Globalization.CultureInfo.InvariantCulture);

    protected override void Map(WebApplication app)
    {
        app.Map("/gateway", Gateway.AcceptAsync);
        Rest.Map(app);
        Guilds.Map(app);
        Interactions.Map(app);
        SignIn.Map(app);
        app.MapPost("/_control/say", (SayRequest r) => Say(r.Channel, r.User, r.Text, [.. RolesOf(r.User)]));
        app.MapPost("/_control/edit", (EditRequest r) => Edit(r.Channel, r.User, r.Message, r.Text, Clock.GetUtcNow()));
        app.MapPost("/_control/reconnect", () => Gateway.AskToReconnect());
        app.MapPost("/_control/drop", () => Gateway.Drop());
        app.MapPost("/_control/invalidate", (bool resumable) => Gateway.Invalidate(resumable));
        app.MapPost("/_control/close", (int code) => Gateway.CloseAll(code));
        app.MapPost("/_control/deaf", (bool on) => Gateway.Deaf = on);
        app.MapPost("/_control/fail", (int calls, int status) => Rest.FailNext(calls, status));
    }

    private sealed record EditRequest(string Channel, string User, string Message, string Text);

    private sealed record SayRequest(string Channel, string User, string Text);
}
