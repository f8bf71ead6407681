using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Simulators.Discord;
using Rookery.Simulators.Twitch;

namespace Rookery.Bench.Live;

/// <summary>A Discord and a Twitch, a server process that talks with them, and guilds that follow streamers.</summary>
internal sealed class LiveStage : IAsyncDisposable
{
    /// <summary>All guilds follow the two.</summary>
    public const string Star = "7000";
    public const string OtherStar = "7900";

    /// <summary>Of the guilds, one of so many follows each of the middling, with whose streams a server comes up to speed.</summary>
    public const int MiddlingShare = 50;
    public static readonly IReadOnlyList<string> Middling = ["7901", "7902", "7903"];
    public const int SmallStreamers = 20;
    private const string Bot = "900";
    private const string Secret = "a secret of some length";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };
    private readonly int _port = ServerProcess.FreePort();
    private readonly string _program;
    private readonly string _folder;
    private readonly string _address;
    private readonly int _callsPerSecond;
    private ServerProcess? _server;

    private LiveStage(string program, string folder, string address, int callsPerSecond)
    {
        (_program, _folder, _address, _callsPerSecond) = (program, folder, address, callsPerSecond);
        Database = NpgsqlDataSource.Create(address);
    }

    public DiscordSimulator Discord { get; } = new();

    public TwitchSimulator Twitch { get; } = new();

    public NpgsqlDataSource Database { get; }

    /// <summary>Streamers that a few guilds follow each; their streams begin while the other star's is told.</summary>
    public static IEnumerable<string> Small => Enumerable.Range(1, SmallStreamers).Select(i => (7000 + i).ToString(CultureInfo.InvariantCulture));

    public static IReadOnlyList<string> All => [Star, OtherStar, .. Middling, .. Small];

    /// <param name="callsPerSecond">The most that Discord takes, and that the server knows of.</param>
    public static async Task<LiveStage> StartAsync(
        string program, string folder, string address, int guilds, int callsPerSecond, CancellationToken ct)
    {
        var stage = new LiveStage(program, folder, address, callsPerSecond);
        await stage.Discord.StartAsync(0, ct);
        await stage.Twitch.StartAsync(0, ct);
        stage.Twitch.Events.MaxTotalCost = 10_000;
        stage.Discord.Rest.GlobalLimit = callsPerSecond < 1000 ? callsPerSecond : int.MaxValue;
        foreach (var streamer in All)
        {
            stage.Twitch.Accounts.Add(streamer, Login(streamer));
        }

        await stage.StartServerAsync(ct);
        await LiveSeed.AddAsync(stage.Database, guilds, ct);
        await stage.UntilAsync(
            () => Task.FromResult(stage.Twitch.Events.Enabled.Count(s => s.Type == "stream.online") == All.Count),
            "Twitch tells of all streamers",
            ct);
        return stage;
    }

    public static string Login(string streamer) => $"streamer{streamer}";

    public async Task StartServerAsync(CancellationToken ct) =>
        _server = await ServerProcess.StartAsync(_program, _folder, _address, ct, Settings(), _port);

    public void Kill()
    {
        using var server = _server;
        _server = null;
        server?.Kill();
    }

    /// <summary>A stream begins, and the server is told as Twitch tells it, again and again until it is taken.</summary>
    /// <returns>How long the last call took.</returns>
    public async Task<TimeSpan> BeginAsync(string streamer, CancellationToken ct)
    {
        await Twitch.Streams.BeginAsync(streamer, "Ten thousand guilds", "Chess", 42, tell: false);
        var to = Twitch.Events.Enabled.Single(s => s.Type == "stream.online" && s.Condition.Values.Contains(streamer, StringComparer.Ordinal));
        var body = new JsonObject
        {
            ["subscription"] = to.ToJson(),
            ["event"] = new JsonObject
            {
                ["id"] = Twitch.Streams.IdOf(streamer),
                ["broadcaster_user_id"] = streamer,
                ["broadcaster_user_login"] = Login(streamer),
                ["broadcaster_user_name"] = Login(streamer),
                ["type"] = "live",
                ["started_at"] = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            },
        }.ToJsonString();
        var id = Guid.NewGuid().ToString();
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            if (await CallAsync(to, id, body, ct))
            {
                return Stopwatch.GetElapsedTime(started);
            }

            await Task.Delay(100, ct);
        }
    }

    public async Task UntilAsync(Func<Task<bool>> isSo, string what, CancellationToken ct, TimeSpan? patience = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(started) > (patience ?? Patience))
            {
                throw new InvalidOperationException($"This never came: {what}.");
            }

            await Task.Delay(20, ct);
        }
    }

    public async Task<long> CountAsync(string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // Constants of this folder.
        await using var command = Database.CreateCommand(sql);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    public async ValueTask DisposeAsync()
    {
        _server?.Dispose();
        await Discord.DisposeAsync();
        await Twitch.DisposeAsync();
        await Database.DisposeAsync();
        _http.Dispose();
    }

    private async Task<bool> CallAsync(SimulatedSubscription to, string id, string body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, to.Callback);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in WebhookCalls.Sign(to.Secret!, id, TimeProvider.System.GetUtcNow(), "notification", to.Type, body))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var answer = await _http.SendAsync(request, ct);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            // The server was killed; the next is told.
            return false;
        }
    }

    private Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PublicBaseUrl"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/"),
            ["Platforms:Discord:BotToken"] = Discord.Token,
            ["Platforms:Discord:ApiBaseUrl"] = new Uri(Discord.Address, "api/v10/").AbsoluteUri,
            ["Platforms:Discord:CallsPerSecond"] = Math.Min(_callsPerSecond, 10_000).ToString(CultureInfo.InvariantCulture),
            ["Platforms:Twitch:Transport"] = "webhook",
            ["Platforms:Twitch:WebhookSecret"] = Secret,
            ["Coordination:Period"] = "00:00:01",
            ["Modules:live_posts:LookupWaits:0"] = "00:00:00.100",
            ["Modules:live_posts:LookEvery"] = "01:00:00",
            ["Modules:live_posts:Lease"] = "00:00:02",
            ["Outbox:Lease"] = "00:00:10",
            ["Outbox:Poll"] = "00:00:00.500",
        };
        foreach (var (name, value) in Twitch.Settings(Bot))
        {
            settings[name] = value!;
        }

        return settings;
    }
}
