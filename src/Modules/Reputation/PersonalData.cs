using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Modules.Reputation;

/// <summary>A person's scores and what they came from; both go when the person is erased.</summary>
internal sealed class ReputationPersonalData : IPersonalData
{
    public string Name => "reputation";

    public Task<JsonArray> ExportAsync(
        Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select to_jsonb(s)::text from reputation.reputation_scores s
            where platform = {platform.Name()} and user_id = {userId}
        union all
        select to_jsonb(e)::text from reputation.reputation_events e
            where platform = {platform.Name()} and user_id = {userId}
        """,
        ct);

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct) =>
        await session.ExecuteAsync(
            $"delete from reputation.reputation_scores where platform = {platform.Name()} and user_id = {userId}", ct)
        + await session.ExecuteAsync(
            $"delete from reputation.reputation_events where platform = {platform.Name()} and user_id = {userId}", ct);
}
