using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;
using Rookery.Modules.Memories.Reminders;

namespace Rookery.Modules.Memories;

/// <summary>Memories stay for the community, without the person who added them.</summary>
internal sealed class MemoryPersonalData : IPersonalData
{
    public string Name => "memories.memories";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select (to_jsonb(m) - 'search')::text from memories.memories m
        where platform = {platform.Name()} and created_by = {userId}
        order by id
        """,
        ct);

    public Task<int> EraseAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => session.ExecuteAsync(
        $"""
        update memories.memories set platform = null, created_by = null, created_by_name = null
        where platform = {platform.Name()} and created_by = {userId}
        """,
        ct);
}

/// <summary>Categories stay for the community, without the person who added them.</summary>
internal sealed class CategoryPersonalData : IPersonalData
{
    public string Name => "memories.memory_categories";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select to_jsonb(c)::text from memories.memory_categories c
        where platform = {platform.Name()} and created_by = {userId}
        order by id
        """,
        ct);

    public Task<int> EraseAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => session.ExecuteAsync(
        $"""
        update memories.memory_categories set platform = null, created_by = null, created_by_name = null
        where platform = {platform.Name()} and created_by = {userId}
        """,
        ct);
}

internal sealed class ReactionPersonalData : IPersonalData
{
    public string Name => "memories.memory_reactions";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select to_jsonb(r)::text from memories.memory_reactions r
        where platform = {platform.Name()} and user_id = {userId}
        order by id
        """,
        ct);

    public Task<int> EraseAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => session.ExecuteAsync(
        $"delete from memories.memory_reactions where platform = {platform.Name()} and user_id = {userId}", ct);
}

internal sealed class ReminderPersonalData(ReminderStore store) : IPersonalData
{
    public string Name => "memories.reminders";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select to_jsonb(r)::text from memories.reminders r
        where platform = {platform.Name()} and user_id = {userId}
        order by id
        """,
        ct);

    public Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct) =>
        store.EraseAsync(session, platform, userId, ct);
}

internal sealed class ZonePersonalData : IPersonalData
{
    public string Name => "memories.member_zones";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select to_jsonb(z)::text from memories.member_zones z
        where platform = {platform.Name()} and user_id = {userId}
        order by community_id
        """,
        ct);

    public Task<int> EraseAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => session.ExecuteAsync(
        $"delete from memories.member_zones where platform = {platform.Name()} and user_id = {userId}", ct);
}
