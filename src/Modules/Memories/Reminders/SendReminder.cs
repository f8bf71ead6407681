using System.Globalization;
using NodaTime.Extensions;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Scheduling;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>
/// Says a due reminder where it was made. After a downtime it comes once, marked late; of a repeating one the times
/// that were missed are left out and the next one is set.
/// </summary>
internal sealed class SendReminder(ReminderStore store, Outbox outbox) : ITimerHandler
{
    public const string TimerKind = "memories.reminder";

    private static readonly TimeSpan Punctual = TimeSpan.FromMinutes(1);

    public string Kind => TimerKind;

    public async Task RunAsync(DueTimer timer, Transaction transaction, CancellationToken ct)
    {
        var id = long.Parse(timer.Key, CultureInfo.InvariantCulture);
        if (await ReminderStore.HoldAsync(transaction, timer.Community!.Value, id, ct) is not { } reminder)
        {
            return;
        }

        var channel = ChannelId.TryParse(reminder.EntityId, out var parsed)
            ? parsed
            : throw new InvalidOperationException(
                $"Reminder {timer.Key} is for {reminder.EntityId}, which is no channel.");
        var late = timer.Now - timer.Due > Punctual;
        var response = new ModuleResponse("memories", true, "chat", ChatMessage: Text(reminder, timer, late));
        await outbox.AddAsync(
            transaction,
            $"reminder:{timer.Key}:{timer.Due.ToUniversalTime():yyyyMMdd'T'HHmmss'Z'}",
            channel.Platform.Name(),
            reminder.CommunityId,
            reminder.EntityId,
            new SendMessage(channel, response, reminder.UserId, reminder.UserName),
            ct);
        await store.DoneAsync(transaction, reminder, timer.Now, late, reminder.Repeat?.After(timer.Now), ct);
    }

    private static string Text(Reminder reminder, DueTimer timer, bool late)
    {
        var about = reminder.MemoryId is { } memory
            ? string.Create(CultureInfo.InvariantCulture, $" (memory {memory})")
            : "";
        var text = $"⏰ {reminder.UserName}: {reminder.ReminderText}{about}";
        if (!late)
        {
            return text;
        }

        var (due, now) = (
            timer.Due.ToInstant().InZone(reminder.TimeZone), timer.Now.ToInstant().InZone(reminder.TimeZone));
        return $"{text} (late: was due {due.ToString(due.Date == now.Date ? "HH:mm" : "uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture)})";
    }
}
