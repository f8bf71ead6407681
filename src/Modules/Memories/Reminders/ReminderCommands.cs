using System.Globalization;
using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories.Reminders;

/// <summary>The sub-commands about reminders.</summary>
internal sealed class ReminderCommands(ReminderStore store, MemberZones zones, TimeProvider clock)
{
    public const int MaxText = 1000;

    private const int Shown = 20;

    /// <summary>More words than these a time does not have.</summary>
    private const int MaxTimeWords = 16;

    public async Task<Reply> RemindAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (words.Length < 2)
        {
            return Reply.Refuse($"Usage: !memories remind \"text\" and when, for example {ReminderTime.Examples}.");
        }

        var zone = await zones.OfAsync(call.Community, call.Member.Platform, call.Member.UserId, ct);
        if (ReminderTime.Parse(string.Join(' ', words[1..]), clock.GetUtcNow(), zone, out var error) is not { } time)
        {
            var isQuoted = call.ArgumentText.Contains('"', StringComparison.Ordinal) || !ReminderTime.IsUnclear(error);
            var meant = isQuoted ? null : Quoted(words, clock.GetUtcNow(), zone);
            return Reply.Refuse(meant is null ? error : $"Put the text in quotes: !remind {meant}");
        }

        var text = words[0];
        var checks = new Checks().Text("The text", text, MaxText);
        if (!checks.Ok)
        {
            return MemoryCommands.Refuse(checks);
        }

        var wanted = new NewReminder(call.Community, call.Entity.EntityId, Actor.Of(call.Member), text, time, zone);
        return await store.AddAsync(wanted, ct) is { } made
            ? Reply.Text($"Reminder {Line(made)}. I say it here.")
            : Reply.Refuse(
                $"You have {ReminderStore.MaxActive} reminders to come, which is the most; cancel one with !memories cancel <id>.");
    }

    /// <summary>
    /// A text of several words needs quotes, or its end would be taken for the beginning of the time: <c>pay on monday 18:00</c>.
    /// </summary>
    /// <returns>What was meant, if the last words are a time.</returns>
    private static string? Quoted(string[] words, DateTimeOffset now, DateTimeZone zone)
    {
        for (var i = Math.Max(2, words.Length - MaxTimeWords); i < words.Length; i++)
        {
            var when = string.Join(' ', words[i..]);
            if (ReminderTime.Parse(when, now, zone, out _) is not null)
            {
                return $"\"{MemoryText.Cut(string.Join(' ', words[..i]))}\" {when}";
            }
        }

        return null;
    }

    public async Task<Reply> ListAsync(CommandCall call, CancellationToken ct)
    {
        var mine = await store.ActiveAsync(call.Community, call.Member.Platform, call.Member.UserId, ct);
        if (mine.Count == 0)
        {
            return Reply.Text("You have no reminders to come. Make one with: !memories remind \"tea\" in 10 minutes");
        }

        var lines = mine.Take(Shown).Select(Line);
        return Reply.Text(
            string.Join('\n', mine.Count > Shown ? lines.Append($"and {mine.Count - Shown} more") : lines));
    }

    /// <summary>One's own; moderators also anybody's.</summary>
    public async Task<Reply> CancelAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        if (words is not [var word, ..] || !MemoryCommands.TryId(word, out var id))
        {
            return Reply.Refuse("Usage: !memories cancel <id>");
        }

        var owner = call.Member.Role >= Role.Moderator ? null : Actor.Of(call.Member);
        return await store.CancelAsync(call.Community, id, owner, ct) is { } cancelled
            ? Reply.Text($"Cancelled – {Line(cancelled)}")
            : Reply.Refuse(
                string.Create(CultureInfo.InvariantCulture, $"You have no reminder {id} to come; !memories reminders lists them."));
    }

    public async Task<Reply> ZoneAsync(CommandCall call, string[] words, CancellationToken ct)
    {
        var (community, platform, user) = (call.Community, call.Member.Platform, call.Member.UserId);
        switch (words)
        {
            case []:
                break;
            case [var word, ..] when word.Equals("reset", StringComparison.OrdinalIgnoreCase):
                await zones.ResetAsync(community, platform, user, ct);
                break;
            default:
                if (MemberZones.Find(words[0]) is not { } wanted)
                {
                    return Reply.Refuse(
                        $"{MemoryText.Cut(words[0], 100)} is no time zone; use an IANA name such as Europe/Paris or America/New_York.");
                }

                await zones.SetAsync(community, platform, user, wanted, ct);
                break;
        }

        var zone = await zones.OfAsync(community, platform, user, ct);
        return Reply.Text(
            $"Your times here are in {zone.Id}; it is {ReminderTime.Describe(clock.GetUtcNow(), zone)} there.");
    }

    private static string Line(Reminder r)
    {
        var repeat = r.Repeat is { } repeats ? $" ({Repeats.Describe(repeats)})" : "";
        var when = $"{ReminderTime.Describe(r.RemindAt, r.TimeZone)} {r.Zone}{repeat}";
        return string.Create(CultureInfo.InvariantCulture, $"{r.Id}: {MemoryText.Cut(r.ReminderText)} – {when}");
    }
}
