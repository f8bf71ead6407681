using Rookery.Kernel;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Signing;

/// <summary>That there is a secret; it itself is never shown.</summary>
internal sealed record SecretName(string Name, string UpdatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>The table <c>workflow_secrets</c>: what a community's nodes sign with, by its name.</summary>
internal sealed class WorkflowSecrets(Database db, SecretBox box, WorkflowAudit audit, TimeProvider clock)
{
    public const int MaxPerCommunity = 100;

    public Task<IReadOnlyList<SecretName>> ListAsync(long community, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select name, updated_by, created_at, updated_at from workflows.workflow_secrets
        where community_id = {community} and ({page.After}::text is null or name > {page.After})
        order by name limit {page.Limit + 1}
        """,
        r => new SecretName(r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2), r.GetFieldValue<DateTimeOffset>(3)),
        ct);

    /// <returns>Null: the community has none of this name.</returns>
    public async Task<string?> FindAsync(long community, string name, CancellationToken ct) => await db.Write.FindAsync(
        $"select secret_id, secret from workflows.workflow_secrets where community_id = {community} and name = {name}",
        r => box.OpenText(Place(r.GetGuid(0)), r.GetString(1)),
        ct);

    /// <summary>Keeps a secret under a name, in place of the one before.</summary>
    /// <returns>False: the community has as many as it may have.</returns>
    public Task<bool> SetAsync(long community, string name, string secret, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended({$"workflow_secrets:{community}"}, 0))", ct);
            var names = await transaction.ListAsync(
                $"select name, secret_id from workflows.workflow_secrets where community_id = {community}", r => (Name: r.GetString(0), Id: r.GetGuid(1)), ct);
            var now = clock.GetUtcNow();
            var known = names.FirstOrDefault(n => n.Name == name);
            if (known.Name is null && names.Count >= MaxPerCommunity)
            {
                return false;
            }

            var id = known.Name is null ? Ids.New(now) : known.Id;
            await transaction.ExecuteAsync(
                $"""
                insert into workflows.workflow_secrets (secret_id, community_id, name, secret, updated_by, created_at, updated_at)
                values ({id}, {community}, {name}, {box.SealText(Place(id), secret)}, {actor.Key}, {now}, {now})
                on conflict (secret_id) do update set secret = excluded.secret, updated_by = excluded.updated_by, updated_at = excluded.updated_at
                """,
                ct);
            await audit.WriteAsync(transaction, actor, new Act(community, null, "secret.set", ResourceId: name), ct);
            return true;
        },
        ct);

    /// <returns>The names of published workflows that need it, for which it stays; null: there is none of this name.</returns>
    public Task<IReadOnlyList<string>?> DeleteAsync(long community, string name, Actor actor, CancellationToken ct) =>
        db.TransactionAsync<IReadOnlyList<string>?>(
            async transaction =>
            {
                var users = await transaction.ListAsync(
                    $"""
                    select d.name from workflows.workflow_definitions d
                    join workflows.workflow_versions v on v.workflow_id = d.workflow_id and v.version = d.version
                    where d.community_id = {community} and d.status = 'published' and exists (
                        select from jsonb_each(v.nodes) n where n.value -> 'config' ->> 'secret_name' = {name})
                    order by d.name
                    """,
                    r => r.GetString(0),
                    ct);
                if (users.Count > 0)
                {
                    return users;
                }

                if (await transaction.ExecuteAsync($"delete from workflows.workflow_secrets where community_id = {community} and name = {name}", ct) == 0)
                {
                    return null;
                }

                await audit.WriteAsync(transaction, actor, new Act(community, null, "secret.deleted", ResourceId: name), ct);
                return [];
            },
            ct);

    /// <summary>A finding for each node that names a secret which the community does not have.</summary>
    public async Task<IReadOnlyList<Finding>> CheckAsync(Transaction transaction, long community, Graph graph, CancellationToken ct)
    {
        var named = graph.Nodes.Where(n => n.Node is WebhookNode { SecretName: not null }).ToList();
        var known = named.Count == 0 ? [] : await transaction.ListAsync(
            $"select name from workflows.workflow_secrets where community_id = {community}", r => r.GetString(0), ct);
        var findings = new Findings();
        foreach (var node in named.Where(n => !known.Contains(((WebhookNode)n.Node).SecretName!, StringComparer.Ordinal)))
        {
            findings.Error("unknown_secret", Missing(((WebhookNode)node.Node).SecretName!), node.Key, "secret_name");
        }

        return findings.All;
    }

    public static string Missing(string name) => $"the community has no secret {name}; store it with PUT …/workflows/secrets/{name}.";

    private static SecretPlace Place(Guid id) => new("workflows.workflow_secrets", id.ToString(), "secret");
}
