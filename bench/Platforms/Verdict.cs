using System.Text.RegularExpressions;
using Npgsql;

namespace Rookery.Bench.Platforms;

/// <summary>Holds what people said against the rows of the database and against what people saw.</summary>
internal sealed partial class Verdict(NpgsqlDataSource database, Stage stage, People people, Transports transports)
{
    private const string Post = "⏰";
    private const int Shown = 20;

    private readonly List<string> _wrong = [];
    private ILookup<string, Execution> _rows = Empty<Execution>();
    private ILookup<string, Outgoing> _posts = Empty<Outgoing>();
    private ILookup<string, string> _seen = Empty<string>();

    public async Task<PlatformsResult> JudgeAsync(PlatformsResult known, CancellationToken ct)
    {
        _rows = await LoadAsync(
            "select message_content, status, coalesce(delivery, ''), coalesce(error_message, '') from router.command_executions where message_content is not null",
            r => new Execution(r.GetString(1), r.GetString(2), r.GetString(3)),
            ct);
        _posts = await LoadAsync(
            "select action::text, status, in_doubt, coalesce(last_error, '') from kernel.outbox where idempotency_key like 'reminder:%'",
            r => new Outgoing(r.GetString(1), r.GetBoolean(2), r.GetString(3)),
            ct);
        await ListLateEffectsAsync(ct);
        var heard = await LoadAsync("select event_data::text from twitch.twitch_events", _ => true, ct);
        _seen = Ledgers().Where(e => e.Kind is "said" or "whispered").SelectMany(e => Tokens(e.Text).Select(t => (Token: t, e.Text)))
            .ToLookup(s => s.Token, s => s.Text, StringComparer.Ordinal);
        var all = people.Said.ToList();
        var commands = all.Where(l => l.Kind is LineKind.Search or LineKind.Remind or LineKind.Slash).ToList();
        var unheard = commands.Where(l => !_rows[l.Token].Any()
            && (!l.IsTold || (l.Platform == "twitch" && !transports.RepeatsTalk() && !heard.Contains(l.Token)))).ToList();
        commands.RemoveAll(unheard.Contains);
        var result = Deletions(Posts(Answers(
            known with { Lines = all.Count, Commands = commands.Count + unheard.Count, Unheard = unheard.Count },
            commands)), [.. all.Where(l => l.Kind == LineKind.Forbidden)]);
        var follows = all.Where(l => l.Kind == LineKind.Follow
            && ((l.IsTold && transports != Transports.Sockets) || heard.Contains(l.Token))).ToList();
        result = await FollowsAsync(result, follows, ct);
        return result with { Wrong = [.. _wrong.Take(Shown)] };
    }

    /// <summary>What is no talk: each follow is stored and scored once.</summary>
    private async Task<PlatformsResult> FollowsAsync(PlatformsResult result, IReadOnlyList<Line> follows, CancellationToken ct)
    {
        var scored = await LoadAsync("select username from twitch.twitch_activities where activity_type = 'follow'", _ => true, ct);
        return result with
        {
            Follows = follows.Count,
            FollowsLost = Wrong("follow lost", follows.Where(l => !scored[l.Token].Any())),
            FollowsDoubled = Wrong("followed twice", follows.Where(l => scored[l.Token].Count() > 1)),
        };
    }

    private PlatformsResult Answers(PlatformsResult result, IReadOnlyList<Line> commands)
    {
        var rowed = commands.Where(l => _rows[l.Token].Any()).Select(l => (Line: l, Row: _rows[l.Token].First(), Times: Answers(l))).ToList();
        return result with
        {
            RowsLost = Wrong("no row", commands.Where(l => !_rows[l.Token].Any())),
            RowsDoubled = Wrong("two rows", commands.Where(l => _rows[l.Token].Count() > 1)),
            Answered = rowed.Count(a => a.Times > 0),
            AnsweredTwice = Wrong("answered twice", rowed.Where(a => a.Times > 1).Select(a => a.Line)),
            Interrupted = rowed.Count(a => a.Row.IsInterrupted),
            AnsweredLater = rowed.Count(a => a.Row.Delivery.StartsWith("outbox", StringComparison.Ordinal)),
            NotSent = rowed.Count(a => a is { Row: { IsInterrupted: false, Delivery: not ("" or "sent") }, Times: 0 }),
            Reasons = rowed.Where(a => a is { Row: { IsInterrupted: false, Delivery: not ("" or "sent") } })
                .GroupBy(a => $"{a.Line.Platform}: {a.Row.Delivery}", StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal),
            Unexplained = Wrong(
                "no answer and no reason",
                rowed.Where(a => a is { Row: { IsInterrupted: false, Delivery: "" or "sent" }, Times: 0 }).Select(a => a.Line)),
        };
    }

    private PlatformsResult Posts(PlatformsResult result)
    {
        var wanted = people.Said
            .Where(l => l.Kind == LineKind.Remind && (_posts[l.Token].Any() || _rows[l.Token].Any(r => r.Status == "success")))
            .Select(l => (Line: l, Row: _posts[l.Token].FirstOrDefault(), Times: _seen[l.Token].Count(IsPost))).ToList();
        return result with
        {
            Posts = wanted.Count,
            PostsLost = Wrong("post lost", wanted.Where(p => p.Times == 0).Select(p => p.Line)),
            PostsDoubled = Wrong("posted twice", wanted.Where(p => p is { Times: > 1, Row: not { InDoubt: true } }).Select(p => p.Line)),
            PostsInDoubt = wanted.Count(p => p.Row is { InDoubt: true }),
            PostsInDoubtDoubled = wanted.Count(p => p is { Times: > 1, Row.InDoubt: true }),
        };
    }

    private PlatformsResult Deletions(PlatformsResult result, IReadOnlyList<Line> forbidden)
    {
        // What nobody heard on Twitch is not there to be looked at.
        var gone = Ledgers().Where(e => e.Kind == "deleted").GroupBy(e => e.MessageId!, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return result with
        {
            Deletions = forbidden.Count(l => gone.ContainsKey(l.MessageId!)),
            DeletionsLost = Wrong("not deleted", forbidden.Where(l => l.Platform == "slack" && !gone.ContainsKey(l.MessageId!))),
            DeletionsDoubled = Wrong("deleted twice", forbidden.Where(l => gone.GetValueOrDefault(l.MessageId!) > 1)),
        };
    }

    /// <summary>
    /// What stands there is filled in, however often: it stays one answer. One that was told too late to be answered is
    /// answered by a message.
    /// </summary>
    private int Answers(Line line)
    {
        var said = _seen[line.Token].Count(t => !IsPost(t));
        if (line is not { Platform: "discord", Kind: LineKind.Slash })
        {
            return said;
        }

        var history = stage.Discord.Interactions.History(line.MessageId!);
        return said + history.Count(h => h == "followed") + (history.Any(h => h is "answered 4" or "filled") ? 1 : 0);
    }

    private int Wrong(string what, IEnumerable<Line> lines)
    {
        var count = 0;
        foreach (var line in lines)
        {
            count++;
            _wrong.Add($"{what}: {line}; rows: {string.Join(", ", _rows[line.Token])}; outbox: {string.Join(", ", _posts[line.Token])}; seen: {string.Join(" | ", _seen[line.Token])}");
        }

        return count;
    }

    private IEnumerable<Simulators.LedgerEntry> Ledgers() =>
        stage.Discord.Ledger.All.Concat(stage.Twitch.Ledger.All).Concat(stage.Slack.Ledger.All);

    private async Task ListLateEffectsAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(ClaimAudit.SomeLateEffects);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            _wrong.Add($"late: {reader.GetString(0)}");
        }
    }

    /// <summary>By the tokens in the text of the first column.</summary>
    private async Task<ILookup<string, T>> LoadAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        var found = new List<(string Token, T Value)>();
#pragma warning disable CA2100 // Constants of this file.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.AddRange(Tokens(reader.GetString(0)).Select(token => (token, read(reader))));
        }

        return found.ToLookup(f => f.Token, f => f.Value, StringComparer.Ordinal);
    }

    private static bool IsPost(string text) => text.Contains(Post, StringComparison.Ordinal);

    private static IEnumerable<string> Tokens(string text) => Token().Matches(text).Select(m => m.Value).Distinct(StringComparer.Ordinal);

    private static ILookup<string, T> Empty<T>() => Array.Empty<(string Token, T Value)>().ToLookup(v => v.Token, v => v.Value, StringComparer.Ordinal);

    [GeneratedRegex(@"\bz\d+z\b", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Token();

    private sealed record Execution(string Status, string Delivery, string Error)
    {
        public bool IsInterrupted => Error.StartsWith("Interrupted", StringComparison.Ordinal);
    }

    private sealed record Outgoing(string Status, bool InDoubt, string Error);
}
