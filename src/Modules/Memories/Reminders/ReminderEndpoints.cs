using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using NodaTime.Extensions;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Scheduling;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories.Reminders;

/// <param name="EntityId">The channel it is said in.</param>
/// <param name="When">A time in words, as in chat; or leave it out and give <paramref name="RemindAt"/>.</param>
/// <param name="RemindAt">The (first) time, with its offset.</param>
/// <param name="RecurringPattern">
/// daily, weekly, monthly or yearly, on the weekday or day of <paramref name="RemindAt"/>.
/// </param>
/// <param name="RecurringEnd">The last date it may come on.</param>
/// <param name="Zone">IANA zone; the member's or the community's unless given.</param>
/// <param name="Platform">With <paramref name="UserId"/> and <paramref name="UserName"/>: who is reminded.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AddReminder(
    string? ReminderText, string? EntityId, string? When, DateTimeOffset? RemindAt, string? RecurringPattern, DateOnly? RecurringEnd,
    string? Zone, long? MemoryId, string? Platform, string? UserId, string? UserName);

internal static class ReminderEndpoints
{
    private static readonly string[] PatternNames = Enum.GetNames<RecurrencePattern>();

    public static void Map(RouteGroupBuilder group)
    {
        var reminders = group.MapGroup("/reminders").WithTags("memories");
        reminders.MapGet("", ListAsync).Needs(Scopes.MemoriesRead)
            .WithSummary(
                "Lists reminders, newest first; of one member with platform and user_id; also those that are over with include_sent.");
        reminders.MapPost("", AddAsync).Needs(Scopes.MemoriesWrite)
            .WithSummary("Makes a reminder.").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        reminders.MapDelete("/{id:long}", CancelAsync)
            .Needs(Scopes.MemoriesWrite)
            .WithSummary("Cancels a reminder.")
            .ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<Reminder>>, ProblemHttpResult>> ListAsync(
        long community_id, string? platform, string? user_id, bool? include_sent, PageQuery page, ReminderStore store, CancellationToken ct)
    {
        var checks = new Checks()
            .That((platform is null) == (user_id is null), "user_id", "goes with platform: both or none.")
            .That(
                platform is null || Platforms.TryParse(platform, out _),
                "platform",
                $"must be one of {string.Join(", ", Platforms.All)}.")
            .Optional("user_id", user_id, 255);
        return checks.Ok
            ? TypedResults.Ok(
                Page.Of(await store.PageAsync(community_id, platform, user_id, include_sent == true, page, ct), page.Limit, r => r.Id))
            : checks.Problem();
    }

    private static async Task<Results<Created<Reminder>, ProblemHttpResult>> AddAsync(
        long community_id,
        AddReminder request,
        ReminderStore store,
        MemoryStore memories,
        MemberZones zones,
        EntityDirectory entities,
        TimeProvider clock,
        CancellationToken ct)
    {
        var checks = Check(request, out var user, out var pattern);
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        if (await entities.FindByEntityIdAsync(request.EntityId!, ct) is not { } entity
            || entity.CommunityId != community_id)
        {
            return Problems.NotFound("entity_id: the community has no such channel.");
        }

        if (request.MemoryId is { } memory && !await memories.ExistsAsync(community_id, memory, ct))
        {
            return Problems.NotFound("memory_id: the community has no such memory.");
        }

        var zone = request.Zone is { } named
            ? MemberZones.Find(named)!
            : await zones.OfAsync(community_id, user.Platform, user.UserId, ct);
        if (Time(request, pattern, zone, clock.GetUtcNow(), out var error) is not { } time)
        {
            return Problems.Invalid(request.When is null ? "remind_at" : "when", error);
        }

        var wanted = new NewReminder(
            community_id, entity.EntityId, user, request.ReminderText!, time, zone, request.MemoryId);
        return await store.AddAsync(wanted, ct) is { } made
            ? TypedResults.Created($"/api/v1/communities/{community_id}/memories/reminders/{made.Id}", made)
            : Problems.Conflict(
                $"The member has {ReminderStore.MaxActive} reminders to come, which is the most; cancel one.");
    }

    private static Checks Check(AddReminder request, out Actor user, out RecurrencePattern? pattern)
    {
        var known = PatternNames.Contains(request.RecurringPattern, StringComparer.OrdinalIgnoreCase);
        pattern = known ? Enum.Parse<RecurrencePattern>(request.RecurringPattern!, ignoreCase: true) : null;
        var checks = new Checks()
            .Text("reminder_text", request.ReminderText, ReminderCommands.MaxText)
            .Text("entity_id", request.EntityId, 1000)
            .That(
                !ChannelId.TryParse(request.EntityId ?? "", out var channel)
                    || !Platforms.TryParse(request.Platform, out var platform)
                    || platform == channel.Platform,
                "platform",
                "must be the platform of entity_id.")
            .That(
                (request.When is null) != (request.RemindAt is null),
                "when",
                "or remind_at is required, and only one of them.")
            .Optional("when", request.When, 200)
            .That(
                request.When is null || (request.RecurringPattern is null && request.RecurringEnd is null),
                "recurring_pattern",
                "goes with remind_at; in when, write every monday 18:00 until 2026-12-31.")
            .That(
                request.RecurringPattern is null || known,
                "recurring_pattern",
                "must be daily, weekly, monthly or yearly.")
            .That(
                request.Zone is null || MemberZones.Find(request.Zone) is not null,
                "zone",
                "must be an IANA time zone such as Europe/Paris.");
        return ActingUser.Check(checks, request.Platform, request.UserId, request.UserName, out user);
    }

    private static ReminderTime? Time(AddReminder request, RecurrencePattern? pattern, DateTimeZone zone, DateTimeOffset now, out string error) =>
        request.When is { } words
            ? ReminderTime.Parse(words, now, zone, out error)
            : ReminderTime.Of(
                request.RemindAt!.Value, pattern, request.RecurringEnd?.ToLocalDate(), now, zone, out error);

    private static async Task<Results<NoContent, ProblemHttpResult>> CancelAsync(
        long community_id, long id, ReminderStore store, CancellationToken ct) =>
        await store.CancelAsync(community_id, id, owner: null, ct) is not null
            ? TypedResults.NoContent()
            : Problems.NotFound($"The community has no reminder with id {id} that is still to come.");
}
