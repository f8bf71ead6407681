using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Rookery.Kernel.Data;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Slack;
using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

/// <summary>A server with a Discord, a Slack and a Twitch of its own; Twitch calls it.</summary>
public class LiveHost : IAsyncLifetime
{
    public const string Guild = DiscordSimulator.GuildId;
    public const string Channel = "600000000000000001";

    private static int _streamers = 1000;

    public DiscordSimulator Discord { get; } = new();

    public SlackSimulator Slack { get; } = new();

    public TwitchSimulator Twitch { get; } = new();

    public TestHost Host { get; private set; } = null!;

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Database Db => Host.Get<Database>();

    protected virtual IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        await Discord.StartAsync(0, CancellationToken.None);
        await Slack.StartAsync(0, CancellationToken.None);
        await Twitch.StartAsync(0, CancellationToken.None);
        Discord.Guilds.AddChannel(Guild, Channel, "streams");
        Discord.Rest.Limit = 100;
        Slack.Channels["C1"] = "streams";
        Host = new TestHost { Settings = All() };
        await Host.InitializeAsync();
        Host.Get<IConfiguration>()["PublicBaseUrl"] = Host.Address.AbsoluteUri;
        await TestHost.EventuallyAsync(
            async () => await CountAsync($"select count(*) from live.guilds where guild_id = {Guild}") == 1, "the server is known");
    }

    /// <summary>Somebody new on Twitch, whom the server follows; waits until Twitch would tell of her.</summary>
    public async Task<TwitchUser> FollowAsync(JsonObject? settings = null, string guild = Guild)
    {
        var id = Interlocked.Increment(ref _streamers).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var user = Twitch.Accounts.Add(id, $"streamer{id}");
        var streamer = await PostAsync($"/api/v1/live/guilds/{guild}/streamers", new JsonObject { ["login"] = user.Login }, HttpStatusCode.Created);
        if (settings is not null)
        {
            await SendAsync(HttpMethod.Put, $"/api/v1/live/guilds/{guild}/streamers/{streamer["id"]}", settings, HttpStatusCode.OK);
        }

        await SubscribedAsync(user);
        return user;
    }

    public Task SubscribedAsync(TwitchUser user) => TestHost.EventuallyAsync(
        () => Task.FromResult(Subscriptions(user).Count == 3), $"{user.Login} is subscribed to");

    public IReadOnlyList<SimulatedSubscription> Subscriptions(TwitchUser user) =>
        [.. Twitch.Events.Enabled.Where(s => s.Condition.Values.Contains(user.Id, StringComparer.Ordinal))];

    /// <summary>Saves a server's settings over those that are there.</summary>
    public async Task<JsonObject> ConfigureAsync(JsonObject change, string guild = Guild)
    {
        var path = $"/api/v1/live/guilds/{guild}/config";
        var config = await GetAsync(path);
        foreach (var name in new[] { "guild_id", "updated_at", "paused_reason" })
        {
            config.Remove(name);
        }

        foreach (var (name, value) in change)
        {
            config[name] = value?.DeepClone();
        }

        return await SendAsync(HttpMethod.Put, path, config, HttpStatusCode.OK);
    }

    public Task<JsonObject> ChannelAsync() => ConfigureAsync(new JsonObject { ["channel_id"] = Channel });

    /// <summary>The posts that name somebody.</summary>
    public IReadOnlyList<string> Posts(TwitchUser user, string channel = Channel) =>
        [.. Discord.Ledger.Said(channel).Where(s => s.Contains(user.Login, StringComparison.Ordinal))];

    public Task PostedAsync(TwitchUser user, int times = 1, string channel = Channel) => TestHost.EventuallyAsync(
        () => Task.FromResult(Posts(user, channel).Count == times), $"{user.Login} is posted {times} times");

    public IReadOnlyList<string> Edits(TwitchUser user) =>
        [.. Discord.Ledger.All.Where(e => e.Kind == "edited" && e.Text.Contains(user.Login, StringComparison.Ordinal)).Select(e => e.Text)];

    /// <summary>The bodies of Discord calls about somebody.</summary>
    public IReadOnlyList<JsonObject> Bodies(TwitchUser user, string method = "POST") =>
    [
        .. Discord.Rest.Calls.Where(c => c.Method == method && c.Body.Contains(user.Login, StringComparison.Ordinal))
            .Select(c => JsonNode.Parse(c.Body)!.AsObject()),
    ];

    /// <summary>Status and reason of what a server was told of somebody, oldest first.</summary>
    public Task<IReadOnlyList<(string Status, string Reason)>> LogAsync(TwitchUser user, string guild = Guild) => Db.Write.ListAsync(
        $"""
        select l.status, coalesce(l.reason, '') from live.notification_log l join live.streamers s on s.id = l.streamer_id
        where s.twitch_broadcaster_id = {user.Id} and l.guild_id = {guild} order by l.id
        """,
        r => (r.GetString(0), r.GetString(1)),
        Ct);

    public Task LoggedAsync(TwitchUser user, params string[] statuses) => TestHost.EventuallyAsync(
        async () => (await LogAsync(user)).Select(l => l.Status).SequenceEqual(statuses), $"the log says {string.Join(", ", statuses)}");

    /// <summary>Somebody who has signed in with these accounts, such as discord 41.</summary>
    public async Task<Browser> SignedInAsync(params (string Platform, string User)[] accounts)
    {
        var browser = new Browser(Host, (_, user) => (Discord.SignIn.LogsIn, Twitch.Accounts.LogsIn) = (user, user));
        foreach (var (platform, user) in accounts)
        {
            using var response = await browser.SignInAsync(platform, user);
            response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        }

        return browser;
    }

    /// <summary>Twitch tells something of somebody, made at a time of its choice; completes when it is taken.</summary>
    public async Task TellAsync(TwitchUser user, string type, DateTimeOffset at, JsonObject? e = null)
    {
        var subscription = Subscriptions(user).Single(s => s.Type == type);
        e = e ?? [];
        (e["broadcaster_user_id"], e["broadcaster_user_login"], e["broadcaster_user_name"]) = (user.Id, user.Login, user.DisplayName);
        var body = new JsonObject { ["subscription"] = subscription.ToJson(), ["event"] = e }.ToJsonString();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.Address, "platforms/twitch/eventsub"));
        request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        foreach (var (name, value) in WebhookCalls.Sign(
            All()["Platforms:Twitch:WebhookSecret"]!, Guid.NewGuid().ToString(), at, "notification", type, body))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Host.Http.SendAsync(request, Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    public Task StartToldAsync(TwitchUser user, string stream, DateTimeOffset startedAt) => TellAsync(
        user,
        "stream.online",
        TimeProvider.System.GetUtcNow(),
        new JsonObject
        {
            ["id"] = stream,
            ["type"] = "live",
            ["started_at"] = startedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        });

    /// <summary>What is known of the streams of somebody, the earliest first.</summary>
    public Task<IReadOnlyList<(string State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt)>> StreamsAsync(TwitchUser user) => Db.Write.ListAsync(
        $"""
        select b.state, b.started_at, b.ended_at from live.broadcasts b join live.streamers s on s.id = b.streamer_id
        where s.twitch_broadcaster_id = {user.Id} order by b.started_at
        """,
        r => (r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.IsDBNull(2) ? (DateTimeOffset?)null : r.GetFieldValue<DateTimeOffset>(2)),
        Ct);

    /// <summary>The id under which a streamer is followed.</summary>
    public Task<Guid> IdAsync(TwitchUser user) =>
        Db.Write.ValueAsync<Guid>($"select id from live.streamers where twitch_broadcaster_id = {user.Id}", Ct);

    public Task<long> CountAsync(Sql sql) => Db.Write.ValueAsync<long>(sql, Ct);

    public Task<JsonObject> GetAsync(string path, HttpStatusCode status = HttpStatusCode.OK) => SendAsync(HttpMethod.Get, path, null, status);

    public Task<JsonObject> PostAsync(string path, JsonObject body, HttpStatusCode status) => SendAsync(HttpMethod.Post, path, body, status);

    public async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, HttpStatusCode status, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await (http ?? Host.Http).SendAsync(request, Ct);
        var text = await response.Content.ReadAsStringAsync(Ct);
        response.StatusCode.ShouldBe(status, text);
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Discord.DisposeAsync();
        await Slack.DisposeAsync();
        await Twitch.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>What every node of this server is set to.</summary>
    public IReadOnlyDictionary<string, string?> All()
    {
        var all = new Dictionary<string, string?>(Twitch.Settings("900"), StringComparer.Ordinal)
        {
            ["Platforms:Twitch:Transport"] = "webhook",
            ["Platforms:Twitch:WebhookSecret"] = "a secret of some length",
            ["Platforms:Twitch:ReconcileEvery"] = "00:00:01",
            ["Platforms:Discord:BotToken"] = Discord.Token,
            ["Platforms:Discord:ClientSecret"] = Discord.SignIn.ClientSecret,
            ["Platforms:Discord:AuthorizeUrl"] = $"{Discord.Address}oauth2/authorize",
            ["SignIn:LoginCallsPerMinute"] = "10000",
            ["Platforms:Discord:ApiBaseUrl"] = $"{Discord.Address}api/v10/",
            ["Platforms:Slack:ApiBaseUrl"] = new Uri(Slack.Address, "api/").AbsoluteUri,
            ["Platforms:Slack:BotToken"] = Slack.BotToken,
            ["Platforms:Slack:AppToken"] = Slack.AppToken,
            ["Coordination:Period"] = "00:00:00.300",
            ["Outbox:Poll"] = "00:00:00.200",
            ["Modules:live_posts:LookupWaits:0"] = "00:00:00.050",
            ["Modules:live_posts:LookupWaits:1"] = "00:00:00.100",
            ["Modules:live_posts:EndWait"] = "00:00:00.200",
            ["Modules:live_posts:LookEvery"] = "00:00:01",
            ["Modules:live_posts:PageSize"] = "2",
            ["Modules:live_posts:Lease"] = "00:00:02",
        };
        foreach (var (name, value) in Settings)
        {
            all[name] = value;
        }

        return all;
    }
}
