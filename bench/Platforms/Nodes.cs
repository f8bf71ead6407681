using System.Globalization;
using System.Net.Http.Json;
using Rookery.Kernel.Security;

namespace Rookery.Bench.Platforms;

/// <summary>Two servers with one database and one key ring; either can be killed and started again.</summary>
internal sealed class Nodes : IDisposable
{
    private readonly string _program;
    private readonly string _database;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly string[] _folders;
    private readonly int[] _ports;
    private readonly ServerProcess?[] _running = new ServerProcess?[2];

    public Nodes(string program, string folder, string database, IReadOnlyDictionary<string, string> settings)
    {
        _program = program;
        _database = database;
        _folders = [Path.Combine(folder, "node-a"), Path.Combine(folder, "node-b")];
        _ports = [ServerProcess.FreePort(), ServerProcess.FreePort()];
        _settings = settings;
        foreach (var node in _folders)
        {
            if (Directory.Exists(node))
            {
                Directory.Delete(node, recursive: true);
            }

            Directory.CreateDirectory(node);
        }

        var ring = Path.Combine(_folders[0], "keys.json");
        KeyRing.Open(ring);
        File.Copy(ring, Path.Combine(_folders[1], "keys.json"));
    }

    /// <summary>Where those that run listen.</summary>
    public IReadOnlyList<Uri> Living =>
        [.. _ports.Where((_, node) => _running[node] is not null)
            .Select(port => new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")))];

    public async Task StartAsync(int node, CancellationToken ct) =>
        _running[node] = await ServerProcess.StartAsync(_program, _folders[node], _database, ct, _settings, _ports[node]);

    public void Kill(int node)
    {
        using var process = _running[node];
        _running[node] = null;
        process?.Kill();
    }

    /// <summary>Stops a node where it stands, and lets it go on as if nothing had been.</summary>
    public async Task FreezeAsync(int node, TimeSpan length, CancellationToken ct)
    {
        _running[node]!.Signal("STOP");
        try
        {
            await Task.Delay(length, ct);
        }
        finally
        {
            _running[node]!.Signal("CONT");
        }
    }

    /// <summary>Logs the bot in at Twitch, adds its channels, and installs the app in the Slack workspace.</summary>
    public static async Task SetUpAsync(Stage stage, Uri address, CancellationToken ct)
    {
        using var browser = new HttpClient { BaseAddress = address };
        stage.Twitch.Accounts.LogsIn = Stage.TwitchBot;
        foreach (var page in new[] { "platforms/twitch/login?as=bot", "platforms/slack/install" })
        {
            using var done = await browser.GetAsync(new Uri(page, UriKind.Relative), ct);
            await RequireAsync(done, page, ct);
        }

        browser.DefaultRequestHeaders.Add("X-API-Key", ServerProcess.Key);
        foreach (var channel in stage.Channels["twitch"])
        {
            using var added = await browser.PostAsJsonAsync("api/v1/twitch/channels", new { login = Stage.Login(channel) }, ct);
            await RequireAsync(added, "api/v1/twitch/channels", ct);
        }
    }

    public void Dispose()
    {
        foreach (var process in _running)
        {
            process?.Dispose();
        }
    }

    private static async Task RequireAsync(HttpResponseMessage response, string what, CancellationToken ct)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(
                $"{what} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(ct)}");
        }
    }
}
