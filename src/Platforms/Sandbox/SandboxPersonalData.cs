using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Platforms.Sandbox;

/// <summary>What somebody said in the sandbox, and what the bot said to them.</summary>
internal sealed class SandboxPersonalData : IPersonalData
{
    public string Name => "sandbox.messages";

    public async Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        if (platform != Platform.Sandbox)
        {
            return [];
        }

        var rows = await session.ListAsync(
            $"""
            select to_jsonb(m)::text from sandbox.messages m
            where (author_id = {userId} and not is_bot) or mention = {userId}
            order by id
            """,
            r => JsonNode.Parse(r.GetString(0)),
            ct);
        return [.. rows];
    }

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct) =>
        platform != Platform.Sandbox ? 0
            : await session.ExecuteAsync(
                $"delete from sandbox.messages where (author_id = {userId} and not is_bot) or mention = {userId}", ct)
            + await session.ExecuteAsync(
                $"""
                delete from sandbox.channels c
                where c.name = {SandboxSender.DirectChannel + userId} and not exists (select from sandbox.messages m where m.channel = c.name)
                """,
                ct);
}
