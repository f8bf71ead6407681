using System.Diagnostics;

namespace Rookery.Bench.Live;

/// <summary>What chaos among posts found. Everything named "lost", "doubled", "pending" or "unnoted" must be zero.</summary>
/// <param name="Posts">Guilds that have their post.</param>
/// <param name="PostsDoubled">Two posts, though the row does not say that it is in doubt.</param>
/// <param name="InDoubt">Rows that a dying node, or a lost answer, left in doubt; Discord drops the repeat by its nonce.</param>
/// <param name="InDoubtDoubled">Such rows that came twice all the same: beyond the nonce's window.</param>
/// <param name="Unnoted">Log rows that do not say where their post stands.</param>
internal sealed record LiveChaosResult(
    int Guilds,
    int Kills,
    double FailRate,
    int Posts,
    int PostsLost,
    int PostsDoubled,
    int Misplaced,
    long InDoubt,
    int InDoubtDoubled,
    long StillPending,
    long Unnoted,
    double Seconds)
{
    public bool Clean => PostsLost + PostsDoubled + Misplaced + StillPending + Unnoted == 0 && Posts == Guilds;
}

/// <summary><c>bench live --kills N</c>: the server is killed while it tells all guilds; each is to get one post.</summary>
internal static class LiveChaos
{
    // So few calls a second that the posts take longer than the kills.
    private const int LeastSeconds = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static Task<LiveChaosResult> RunAsync(
        int guilds, int kills, double failRate, string program, Action<string> tell, CancellationToken ct) => LiveBench.WithDatabaseAsync(
        tell,
        async (folder, address) =>
        {
            await using var stage = await LiveStage.StartAsync(program, folder, address, guilds, Math.Max(10, guilds / LeastSeconds), ct);
            stage.Discord.Rest.FailRate = failRate;
            var started = Stopwatch.GetTimestamp();
            await stage.BeginAsync(LiveStage.Star, ct);
            for (var kill = 1; kill <= kills; kill++)
            {
                // The first meets the rows while they are made, the others the posts.
                var posts = guilds * (kill - 1) / (kills + 1);
                await stage.UntilAsync(
                    async () => stage.Discord.Ledger.All.Count >= posts
                        && await stage.CountAsync("select count(*) from live.broadcasts where state <> 'lookup'", ct) > 0,
                    "enough posts",
                    ct,
                    Patience);
                await Task.Delay(Random.Shared.Next(300), ct);
                stage.Kill();
                await stage.StartServerAsync(ct);
                tell($"{kill} kills, {stage.Discord.Ledger.All.Count} posts");
            }

            await Task.WhenAny(
                stage.UntilAsync(async () => await PendingAsync(stage, ct) == 0, "everything is done", ct, Patience + Patience),
                Task.Delay(Patience, ct));
            return await VerdictAsync(stage, guilds, kills, failRate, Stopwatch.GetElapsedTime(started), ct);
        },
        ct);

    private static Task<long> PendingAsync(LiveStage stage, CancellationToken ct) => stage.CountAsync(
        """
        select (select count(*) from kernel.outbox where status = 'pending') + (select count(*) from live.broadcasts where posted_at is null)
            + (select count(*) from live.notification_log where status = 'pending')
        """,
        ct);

    private static async Task<LiveChaosResult> VerdictAsync(
        LiveStage stage, int guilds, int kills, double failRate, TimeSpan length, CancellationToken ct)
    {
        var said = stage.Discord.Ledger.All.Where(e => e.Kind == "said").GroupBy(e => e.Channel, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        var channels = Enumerable.Range(0, guilds).Select(LiveSeed.Channel).ToHashSet(StringComparer.Ordinal);
        var doubted = await InDoubtAsync(stage, ct);
        var doubled = said.Where(s => s.Value > 1).Select(s => s.Key).ToList();
        return new LiveChaosResult(
            guilds,
            kills,
            failRate,
            channels.Count(said.ContainsKey),
            channels.Count(c => !said.ContainsKey(c)),
            doubled.Count(c => !doubted.Contains(c)),
            said.Keys.Count(c => !channels.Contains(c)),
            doubted.Count,
            doubled.Count(doubted.Contains),
            await PendingAsync(stage, ct),
            await stage.CountAsync("select count(*) from live.notification_log where status <> 'sent' or message_id is null", ct)
                + guilds - await stage.CountAsync("select count(*) from live.notification_log", ct),
            Math.Round(length.TotalSeconds, 1));
    }

    private static async Task<HashSet<string>> InDoubtAsync(LiveStage stage, CancellationToken ct)
    {
        await using var command = stage.Database.CreateCommand(
            "select l.channel_id from live.notification_log l join kernel.outbox o on o.idempotency_key = l.outbox_key where o.in_doubt");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var channels = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct))
        {
            channels.Add(reader.GetString(0));
        }

        return channels;
    }
}
