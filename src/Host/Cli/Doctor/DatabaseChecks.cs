using System.Globalization;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Host.Cli.Doctor;

/// <summary>What the database says about itself and about the work that waits in it.</summary>
internal sealed class DatabaseChecks(Database db, Migrator migrator, TimeProvider clock)
{
    private const int OldestServer = 150_000;
    private static readonly TimeSpan StaleWork = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SlowClock = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WrongClock = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongLag = TimeSpan.FromSeconds(10);

    public async Task<Finding> ServerAsync(CancellationToken ct)
    {
        var (number, version, size) = (await db.Write.ListAsync(
            $"""
            select current_setting('server_version_num')::int, current_setting('server_version'),
                pg_size_pretty(pg_database_size(current_database()))
            """,
            r => (r.GetInt32(0), r.GetString(1), r.GetString(2)),
            ct))[0];
        var said = $"PostgreSQL {version}, {size}";
        return number < OldestServer
            ? Finding.Fail("database", said, "Rookery needs PostgreSQL 15 or newer.")
            : Finding.Ok("database", said);
    }

    public async Task<Finding> ClockAsync(CancellationToken ct)
    {
        var before = clock.GetUtcNow();
        var theirs = await db.Write.ValueAsync<DateTimeOffset>($"select clock_timestamp()", ct);
        var after = clock.GetUtcNow();
        var apart = theirs < before ? before - theirs : theirs > after ? theirs - after : TimeSpan.Zero;
        var said = string.Create(CultureInfo.InvariantCulture, $"{apart.TotalMilliseconds:0} ms from the database's");
        const string Cure = "Let NTP set both clocks (timedatectl set-ntp true).";
        return apart > WrongClock
            ? Finding.Fail("clock", said, Cure)
            : apart > SlowClock
            ? Finding.Warn("clock", said, Cure)
            : Finding.Ok("clock", said);
    }

    public static async Task<Finding> ReplicaAsync(Database replica, CancellationToken ct)
    {
        var (isReplica, lag) = (await replica.Write.ListAsync(
            $"""
            select pg_is_in_recovery(), case when pg_last_wal_receive_lsn() is not distinct
                from pg_last_wal_replay_lsn() then 0
                else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 end
            """,
            r => (r.GetBoolean(0), TimeSpan.FromSeconds(r.GetDouble(1))),
            ct))[0];
        var said = string.Create(CultureInfo.InvariantCulture, $"{lag.TotalSeconds:0.0} s behind");
        return !isReplica
            ? Finding.Warn(
                "replica",
                "is no replica but a server of its own",
                "Let ConnectionStrings:Replica name a streaming replica of the primary, or leave it out.")
            : lag > LongLag
                ? Finding.Warn(
                    "replica", said, "Look at the replica's load and network; reads show old data meanwhile.")
                : Finding.Ok("replica", said);
    }

    public async Task<Finding> MigrationsAsync(CancellationToken ct)
    {
        if (await migrator.PendingAsync(Server.Owners, ct) is [var next, ..] pending)
        {
            return Finding.Warn(
                "migrations",
                $"{pending.Count} wait, the first is {next}",
                "The next start applies them; or: ./run migrate");
        }

        return await migrator.UnknownAsync(Server.Owners, ct) is { Count: > 0 } unknown
            ? Finding.Warn("migrations", $"a newer build has applied {unknown.Count} more", "Update this one.")
            : Finding.Ok("migrations", "all applied");
    }

    public async Task<Finding> DriftAsync(CancellationToken ct) =>
        await CommittedSchema.DifferencesAsync(db, ct) is { Count: > 0 } differences
        ? Finding.Fail(
            "structure",
            $"{differences.Count} lines differ, the first: {differences[0]}",
            "./run schema verify shows all; undo what was changed by hand.")
        : Finding.Ok("structure", "as committed");

    public async Task<Finding> OutboxAsync(CancellationToken ct) => Waiting(
        "outbox",
        await db.Write.ValueAsync<DateTimeOffset?>($"select min(next_try_at) from kernel.outbox where status = 'pending'", ct));

    public async Task<Finding> TimersAsync(CancellationToken ct) => Waiting(
        "timers",
        await db.Write.ValueAsync<DateTimeOffset?>($"select min(next_try_at) from kernel.timers where failed_at is null", ct));

    public async Task<Finding> SlackTokensAsync(CancellationToken ct) => await db.Write.ListAsync(
            $"select team_id, renewal_error from slack.slack_tokens where renewal_error is not null order by team_id",
            r => (Team: r.GetString(0), Error: r.GetString(1)),
            ct) is [var first, ..] lost
        ? Finding.Warn(
            "slack tokens", $"{lost.Count} lost, the first of {first.Team}: {first.Error}", "Install the app there again: /platforms/slack/install")
        : Finding.Ok("slack tokens", "none is lost");

    public Task<IReadOnlyList<string>> KeysInUseAsync(CancellationToken ct) =>
        Secrets.KeysInUseAsync(db.Write, ct);

    private Finding Waiting(string what, DateTimeOffset? oldest)
    {
        var late = clock.GetUtcNow() - oldest ?? TimeSpan.Zero;
        return late > StaleWork
            ? Finding.Warn(
                what,
                $"the oldest is {late:d\\.hh\\:mm\\:ss} late",
                "Start a server with the role jobs; if one runs, its log says what holds it up.")
            : Finding.Ok(what, oldest is null ? "nothing waits" : "nothing is late");
    }
}
