using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Slack;

/// <summary>Knows the token of every workspace: those that installed the app, and the one of <c>BotToken</c>.</summary>
internal sealed partial class Tokens
{
    private readonly TokenStore _store;
    private readonly SlackApi _api;
    private readonly Database _db;
    private readonly SlackOptions _options;
    private readonly ILogger<Tokens> _log;
    private readonly ConcurrentDictionary<string, SlackToken> _known = new(StringComparer.Ordinal);
    private string? _configuredTeam;

    public Tokens(
        TokenStore store, SlackApi api, Database db, ChangeFeed feed, IOptions<SlackOptions> options, ILogger<Tokens> log)
    {
        _store = store;
        _api = api;
        _db = db;
        _options = options.Value;
        _log = log;
        feed.On("slack_tokens", Forget);
    }

    /// <returns>Null when the bot is not in the workspace.</returns>
    public async ValueTask<SlackToken?> FindAsync(string team, CancellationToken ct)
    {
        if (_known.TryGetValue(team, out var known))
        {
            return known;
        }

        var token = await _store.FindAsync(team, ct);
        if (token is null && _options.BotToken.Length > 0)
        {
            _configuredTeam ??= (await IntroduceAsync(ct)).Body.Text("team_id");
            token = _configuredTeam == team ? new SlackToken(team, _options.BotToken) : null;
        }

        if (token is not null)
        {
            _known[team] = token;
        }

        return token;
    }

    /// <summary>Asks Slack whose <c>BotToken</c> is, and notes that the bot is there.</summary>
    public async Task<SlackAnswer> IntroduceAsync(CancellationToken ct)
    {
        var answer = await _api.AskAsync(
            "auth.test", "", _options.BotToken, new Dictionary<string, string>(StringComparer.Ordinal), ct);
        if (answer.Ok && answer.Body.Text("team_id") is { } team)
        {
            var workspace = new Workspace(team, answer.Body.Text("team") ?? team, null, answer.Body.Text("user_id"), null);
            await _store.EnterAsync(_db.Write, workspace, ct);
            _configuredTeam = team;
        }

        return answer;
    }

    /// <summary>The workspace put the bot out: nothing is sent there any more.</summary>
    /// <param name="at">When; Slack may report it late, after it was let in again.</param>
    public async Task LeaveAsync(string team, DateTimeOffset at, CancellationToken ct)
    {
        if (await _store.LeaveAsync(team, at, ct))
        {
            Left(team);
        }

        Forget(team);
    }

    public void Forget(string team)
    {
        if (team.Length == 0)
        {
            _known.Clear();
        }
        else
        {
            _known.TryRemove(team, out _);
        }
    }

    /// <summary>When the tokens in an answer expire; null: never.</summary>
    public static DateTimeOffset? ExpiryOf(JsonElement answer, DateTimeOffset now) =>
        answer.At("expires_in") is { ValueKind: JsonValueKind.Number } seconds && seconds.TryGetInt32(out var s)
            ? now.AddSeconds(s)
            : null;

    [LoggerMessage(LogLevel.Warning, "The Slack workspace {Team} put the bot out; its tokens are gone.")]
    private partial void Left(string team);
}
