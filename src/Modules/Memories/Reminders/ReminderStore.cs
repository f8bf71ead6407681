using System.Globalization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>
/// Reminders and their timers, always changed together. Whoever touches both takes the timer first, as the timer's run
/// does, so that the two never wait for each other.
/// </summary>
internal sealed class ReminderStore(Database db, Timers timers, TimeProvider clock)
{
    public const int MaxActive = 100;

    /// <returns>Null when the member has <see cref="MaxActive"/> already.</returns>
    public Task<Reminder?> AddAsync(NewReminder wanted, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var (community, by, platform) = (wanted.Community, wanted.For, wanted.For.Platform.Name());
            await transaction.ExecuteAsync(
                $"select pg_advisory_xact_lock(hashtextextended({$"memories.reminders:{community}:{platform}:{by.UserId}"}, 0))", ct);
            var active = await transaction.ValueAsync<long>(
                $"""
                select count(*) from memories.reminders
                where community_id = {community} and platform = {platform} and user_id = {by.UserId} and not is_sent
                    and cancelled_at is null
                """,
                ct);
            if (active >= MaxActive)
            {
                return null;
            }

            var reminder = await InsertAsync(transaction, wanted, ct);
            await ArmAsync(transaction, reminder.Id, community, reminder.RemindAt, ct);
            return reminder;
        },
        ct);

    public Task<IReadOnlyList<Reminder>> ActiveAsync(
        long community, Platform platform, string user, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Reminder.Columns} from memories.reminders
        where community_id = {community} and platform = {platform.Name()} and user_id = {user} and not is_sent
            and cancelled_at is null
        order by remind_at, id
        """,
        Reminder.Read,
        ct);

    /// <param name="platform">Null, with <paramref name="user"/>: everybody's.</param>
    /// <param name="includeSent">Also those that are over or cancelled.</param>
    public Task<IReadOnlyList<Reminder>> PageAsync(
        long community, string? platform, string? user, bool includeSent, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Reminder.Columns} from memories.reminders
        where community_id = {community} and ({platform}::text is null or platform = {platform})
            and ({user}::text is null or user_id = {user})
          and ({includeSent} or (not is_sent and cancelled_at is null)) and ({page.AfterId}::bigint is null
              or id < {page.AfterId})
        order by id desc limit {page.Limit + 1}
        """,
        Reminder.Read,
        ct);

    /// <param name="owner">Whose it must be; null: anybody's.</param>
    /// <returns>Null when there is no such reminder to come.</returns>
    public Task<Reminder?> CancelAsync(
        long community, long id, Actor? owner, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var (platform, user) = (owner?.Platform.Name(), owner?.UserId);
            var mine = await transaction.ListAsync(
                $"""
                select id from memories.reminders where id = {id} and community_id = {community}
                    and ({user}::text is null or (platform = {platform} and user_id = {user}))
                """,
                r => r.GetInt64(0),
                ct);
            if (mine is [])
            {
                return null;
            }

            await timers.CancelAsync(transaction, SendReminder.TimerKind, Key(id), ct);
            return await transaction.FindAsync(
                $"""
                update memories.reminders set cancelled_at = {clock.GetUtcNow()}
                where id = {id} and community_id = {community} and not is_sent and cancelled_at is null
                returning {Reminder.Columns}
                """,
                Reminder.Read,
                ct);
        },
        ct);

    /// <summary>Reads a reminder that is to come and holds it until the transaction ends.</summary>
    public static Task<Reminder?> HoldAsync(
        Transaction transaction, long community, long id, CancellationToken ct) => transaction.FindAsync(
        $"""
        select {Reminder.Columns} from memories.reminders
        where id = {id} and community_id = {community} and not is_sent and cancelled_at is null for update
        """,
        Reminder.Read,
        ct);

    /// <summary>Notes that one time came, and sets the next, if there is one.</summary>
    public async Task DoneAsync(
        Transaction transaction,
        Reminder reminder,
        DateTimeOffset now,
        bool late,
        DateTimeOffset? next,
        CancellationToken ct)
    {
        await transaction.ExecuteAsync(
            $"""
            update memories.reminders
            set sent_at = {now}, is_late = {late}, is_sent = {next is null}, remind_at = coalesce({next}, remind_at)
            where id = {reminder.Id} and community_id = {reminder.CommunityId}
            """,
            ct);
        if (next is { } at)
        {
            await ArmAsync(transaction, reminder.Id, reminder.CommunityId, at, ct);
        }
    }

    /// <summary>Deletes what a person is still and was once reminded of.</summary>
    /// <returns>Rows deleted.</returns>
    public async Task<int> EraseAsync(Session session, Platform platform, string user, CancellationToken ct)
    {
        var ids = await session.ListAsync(
            $"select id from memories.reminders where platform = {platform.Name()} and user_id = {user} order by id", r => r.GetInt64(0), ct);
        foreach (var id in ids)
        {
            await timers.CancelAsync(session, SendReminder.TimerKind, Key(id), ct);
        }

        return await session.ExecuteAsync(
            $"delete from memories.reminders where platform = {platform.Name()} and user_id = {user}", ct);
    }

    private async Task<Reminder> InsertAsync(Transaction transaction, NewReminder wanted, CancellationToken ct)
    {
        var (by, at, repeat) = (wanted.For, wanted.Time.At, wanted.Time.Repeat);
        return (await transaction.FindAsync(
            $"""
            insert into memories.reminders (memory_id, community_id, entity_id, platform, user_id, user_name,
                reminder_text, remind_at, created_at,
                is_recurring, recurring_pattern, recurring_on, local_time, zone, recurring_end)
            values ({wanted.MemoryId}, {wanted.Community}, {wanted.EntityId}, {by.Platform.Name()}, {by.UserId},
                {by.UserName}, {wanted.Text}, {at},
                {clock.GetUtcNow()}, {repeat is not null}, {repeat?.Pattern.ToString().ToLowerInvariant()},
                    {repeat?.On.ToArray() ?? []},
                {repeat?.Time.ToTimeOnly()}, {wanted.Zone.Id}, {repeat?.Until?.ToDateOnly()})
            returning {Reminder.Columns}
            """,
            Reminder.Read,
            ct))!;
    }

    private Task ArmAsync(Transaction transaction, long id, long community, DateTimeOffset at, CancellationToken ct) =>
        timers.SetAsync(transaction, SendReminder.TimerKind, Key(id), at, "{}", community, ct);

    private static string Key(long id) => id.ToString(CultureInfo.InvariantCulture);
}
