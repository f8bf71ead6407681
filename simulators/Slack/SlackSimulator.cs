using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Rookery.Simulators.Slack;

/// <summary>
/// Slack on loopback: Events API, Socket Mode, Web API, response URLs and OAuth. Events go over the sockets that are open,
/// or to <see cref="RequestUrl"/> when it is set; unanswered ones come again, as from Slack.
/// </summary>
public sealed class SlackSimulator : Simulator
{
    private readonly SlackState _state;
    private readonly SlackSockets _sockets;
    private readonly SlackWebApi _api;
    private readonly SlackOAuth _oauth;
    private readonly SlackWebhookCaller _caller;
    private readonly SlackResponseUrls _urls;
    private readonly SlackActs _acts;
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> _sent = new(StringComparer.Ordinal);

    public SlackSimulator()
    {
        _state = new SlackState(Clock);
        _sockets = new SlackSockets(this, _state);
        _oauth = new SlackOAuth(this, _state);
        _acts = new SlackActs(this, _state);
        _api = new SlackWebApi(this, _state, _sockets, _oauth, _acts);
        _caller = new SlackWebhookCaller(this, Clock);
        _urls = new SlackResponseUrls(this, _state, _acts);
        _state.Tokens[BotToken] = Team;
        _state.UserTokens[UserToken] = Team;
    }

    public string Team { get; } = "T1";

    /// <summary>The channels that can be listed, by id; talk needs none.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, string> Channels { get; } = new(StringComparer.Ordinal);

    public string BotUser { get; } = "UBOT";

    public string BotToken { get; } = "xoxb-simulated";

    public string UserToken { get; } = "xoxp-simulated";

    public string AppToken { get; } = "xapp-simulated";

    public string SigningSecret { get; } = "simulated-signing-secret";

    public string ClientId { get; } = "1.2";

    public string ClientSecret { get; } = "simulated-client-secret";

    /// <summary>Which workspace the next consent is for.</summary>
    public string NextWorkspace { get; set; } = "T2";

    /// <summary>Whether tokens expire after twelve hours and come with a refresh token.</summary>
    public bool RotatesTokens { get; set; }

    /// <summary>Whether a refresh token that was used is taken again.</summary>
    public bool ForgivesRefresh { get; set; }

    /// <summary>Whether who consents also lends a token of his own.</summary>
    public bool LendsUserToken { get; set; }

    /// <summary>Where the app listens, with / at the end; null: Socket Mode.</summary>
    public Uri? RequestUrl { get; set; }

    /// <summary>How long an answer or acknowledgement may take.</summary>
    public TimeSpan AnswerWithin { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after each failure an event comes again; after the last it is lost.</summary>
    public IReadOnlyList<TimeSpan> RetryAfter { get; set; } = [TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)];

    /// <summary>Sockets that stand.</summary>
    public int Sockets => _sockets.Count;

    /// <summary>How often a method was called; <c>429</c> counts calls over a limit.</summary>
    public int Calls(string method) => _calls.GetValueOrDefault(method);

    public void AddUser(SlackUser user) => _state.Users[user.Id] = user;

    /// <summary>Forms that were opened, the newest last.</summary>
    public IReadOnlyList<JsonObject> Views => _acts.Views;

    /// <summary>The blocks of the newest message in a channel that has any.</summary>
    public JsonArray? BlocksIn(string channel) => _acts.BlocksIn(channel);

    /// <summary>Somebody presses a button that stands in a channel.</summary>
    public Task<bool> ClickAsync(string channel, string user, string actionId, CancellationToken ct) =>
        _acts.UseAsync(channel, user, actionId, [], ct);

    /// <summary>Somebody chooses from a selection that stands in a channel.</summary>
    public Task<bool> ChooseAsync(string channel, string user, string actionId, IReadOnlyList<string> values, CancellationToken ct) =>
        _acts.UseAsync(channel, user, actionId, values, ct);

    /// <summary>Somebody fills in a form that is open and sends it.</summary>
    public Task<bool> SubmitAsync(
        string callbackId, string user, IReadOnlyList<(string Name, string Value)> fields, CancellationToken ct) =>
        _acts.SubmitAsync(callbackId, user, fields, ct);

    /// <summary>Shuts the bot out of a channel.</summary>
    public void Close(string channel) => _state.Closed[channel] = true;

    public void Fail(string method, SlackFailure failure) => _state.Fail(method, failure);

    public void Expire(string token) => _state.Expired[token] = true;

    /// <summary>Tokens that are good for a workspace, in no order.</summary>
    public IReadOnlyList<string> TokensOf(string team) =>
        [.. _state.Tokens.Where(t => t.Value == team && !_state.Expired.ContainsKey(t.Key)).Select(t => t.Key)];

    /// <summary>The next acknowledgements get lost.</summary>
    public void Deafen(int times) => _sockets.DeafFor = times;

    public Task DisconnectAsync(string reason, CancellationToken ct) => _sockets.DisconnectAsync(reason, ct);

    public void Drop() => _sockets.DropAll();

    /// <summary>Somebody writes in a channel.</summary>
    /// <param name="text">As Slack has it: escaped, with its markup.</param>
    /// <returns>The message's time stamp.</returns>
    public async Task<string> SayAsync(string channel, string user, string text, string? thread, CancellationToken ct)
    {
        var post = new SlackPost(channel, _state.Ts(), user, text, thread, null);
        _state.Add(post);
        var message = new JsonObject
        {
            ["type"] = "message",
            ["channel"] = channel,
            ["user"] = user,
            ["text"] = text,
            ["ts"] = post.Ts,
            ["event_ts"] = post.Ts,
            ["channel_type"] = "channel",
        };
        if (thread is not null)
        {
            message["thread_ts"] = thread;
        }

        await EventAsync(Team, message, ct);
        return post.Ts;
    }

    /// <summary>Something happens in a workspace; completes when the app has taken it, or has failed to for the last time.</summary>
    /// <returns>The event's id.</returns>
    public async Task<string> EventAsync(string team, JsonObject e, CancellationToken ct)
    {
        var id = $"Ev{_state.Number().ToString(CultureInfo.InvariantCulture)}";
        _sent[id] = new JsonObject
        {
            ["token"] = "verification-token",
            ["team_id"] = team,
            ["api_app_id"] = "A1",
            ["event"] = e.DeepClone(),
            ["type"] = "event_callback",
            ["event_id"] = id,
            ["event_time"] = Clock.GetUtcNow().ToUnixTimeSeconds(),
            ["authorizations"] = new JsonArray(new JsonObject { ["team_id"] = team, ["user_id"] = BotUser, ["is_bot"] = true }),
        };
        for (var attempt = 0; !await DeliverAsync("events_api", "events", _sent[id], attempt, ct) && attempt < RetryAfter.Count; attempt++)
        {
            await Task.Delay(RetryAfter[attempt], Clock, ct);
        }

        return id;
    }

    /// <summary>Sends an event again that was taken, as Slack does when the answer got lost.</summary>
    public Task<bool> RedeliverAsync(string eventId, CancellationToken ct) =>
        DeliverAsync("events_api", "events", _sent[eventId], 1, ct);

    /// <summary>Somebody types a slash command; Slack sends it once.</summary>
    public Task<bool> CommandAsync(string command, string text, string channel, string user, CancellationToken ct) => DeliverAsync(
        "slash_commands",
        "commands",
        new JsonObject
        {
            ["token"] = "verification-token",
            ["team_id"] = Team,
            ["channel_id"] = channel,
            ["user_id"] = user,
            ["user_name"] = user.ToLowerInvariant(),
            ["command"] = command,
            ["text"] = text,
            ["trigger_id"] = _acts.Trigger(),
            ["response_url"] = _urls.Make(channel).AbsoluteUri,
        },
        0,
        ct);

    /// <summary>Somebody presses a button, chooses something or sends a form; the trigger and the response URL are added.</summary>
    public Task<bool> InteractAsync(JsonObject payload, string? channel, CancellationToken ct)
    {
        payload["trigger_id"] = _acts.Trigger();
        if (channel is not null)
        {
            payload["channel"] = new JsonObject { ["id"] = channel };
            payload["response_url"] = _urls.Make(channel).AbsoluteUri;
        }

        return DeliverAsync("interactive", "interactivity", payload, 0, ct);
    }

    public override async ValueTask DisposeAsync()
    {
        _sockets.DropAll();
        await base.DisposeAsync();
        _caller.Dispose();
    }

    internal void Count(string method) => _calls.AddOrUpdate(method, 1, (_, n) => n + 1);

    protected override void Map(WebApplication app)
    {
        _api.Map(app);
        _oauth.Map(app);
        _sockets.Map(app);
        _urls.Map(app);
        new SlackControl(this).Map(app);
    }

    private async Task<bool> DeliverAsync(string envelope, string path, JsonObject payload, int attempt, CancellationToken ct) =>
        RequestUrl is null
            ? await _sockets.SendAsync(envelope, payload, attempt, ct)
            : await _caller.CallAsync(path, payload, attempt, ct) is >= 200 and < 300;
}
