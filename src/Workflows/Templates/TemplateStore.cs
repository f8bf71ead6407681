using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;
using Rookery.Workflows.Definition;

namespace Rookery.Workflows.Templates;

/// <summary>The table <c>workflow_templates</c>. A community sees those of this build and its own.</summary>
internal sealed class TemplateStore(Database db, WorkflowStore workflows, WorkflowRows rows, WorkflowAudit audit, TimeProvider clock)
{
    public const int MaxPerCommunity = 200;

    /// <summary>Brings the rows of this build's templates up to date; how often they were taken and how they were rated stays.</summary>
    public Task PutAsync(IReadOnlyList<ShippedTemplate> templates, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended('workflows.templates', 0))", ct);
            await transaction.ExecuteAsync(
                $"delete from workflows.workflow_templates where community_id is null and template_id <> all({templates.Select(t => t.TemplateId).ToArray()})", ct);
            var now = clock.GetUtcNow();
            foreach (var template in templates)
            {
                await transaction.ExecuteAsync(
                    $"""
                    insert into workflows.workflow_templates as t (template_id, name, description, category, template_workflow, tags, created_by, created_at, updated_at)
                    values ({template.TemplateId}, {template.Name}, {template.Description}, {template.Category}, {template.Workflow.GetRawText()}::jsonb,
                        {template.Tags.ToArray()}, 'rookery', {now}, {now})
                    on conflict (template_id) do update
                    set name = excluded.name, description = excluded.description, category = excluded.category,
                        template_workflow = excluded.template_workflow, tags = excluded.tags, updated_at = excluded.updated_at
                    where (t.name, t.description, t.category, t.template_workflow, t.tags)
                        is distinct from (excluded.name, excluded.description, excluded.category, excluded.template_workflow, excluded.tags)
                    """,
                    ct);
            }
        },
        ct);

    /// <param name="search">Part of the name or the description; case does not matter.</param>
    /// <param name="tags">All of them are wanted.</param>
    public Task<IReadOnlyList<Template>> ListAsync(
        long community, string? category, string? search, string[] tags, PageQuery page, CancellationToken ct)
    {
        Guid? after = Guid.TryParse(page.After, out var id) ? id : null;
        return db.Read.ListAsync(
            $"""
            select {Template.Columns} from workflows.workflow_templates t
            where (t.community_id is null or t.community_id = {community}) and ({category}::text is null or t.category = {category})
                and ({search}::text is null or strpos(lower(t.name || ' ' || coalesce(t.description, '')), lower({search})) > 0)
                and t.tags @> {tags} and ({after}::uuid is null or t.template_id > {after})
            order by t.template_id limit {page.Limit + 1}
            """,
            Template.Read,
            ct);
    }

    public Task<Template?> FindAsync(long community, Guid id, CancellationToken ct) => db.Read.FindAsync(
        $"""
        select {Template.Columns}, t.template_workflow::text from workflows.workflow_templates t
        where t.template_id = {id} and (t.community_id is null or t.community_id = {community})
        """,
        Template.Read,
        ct);

    /// <summary>Makes a draft of a template, and counts it.</summary>
    /// <param name="most">Workflows the community may have.</param>
    /// <returns>Nothing made: the community has so many, or sees no such template.</returns>
    public Task<(Workflow? Made, bool IsFull)> InstantiateAsync(
        long community, Guid id, string name, Entity entity, int most, Actor actor, CancellationToken ct) => db.TransactionAsync<(Workflow?, bool)>(
        async transaction =>
        {
            if (await rows.CountAsync(transaction, community, ct) >= most)
            {
                return (null, true);
            }

            var taken = await transaction.FindAsync(
                $"""
                update workflows.workflow_templates t set download_count = t.download_count + 1
                where t.template_id = {id} and (t.community_id is null or t.community_id = {community})
                returning {Template.Columns}, t.template_workflow::text
                """,
                Template.Read,
                ct);
            if (taken is null)
            {
                return (null, false);
            }

            var document = taken.TemplateWorkflow!.Value.Deserialize(WorkflowsJson.Default.WorkflowDocument)!;
            var made = await workflows.CreateAsync(transaction, community, WorkflowText.Of(name, taken.Description, entity.Id, document), actor.Key, ct);
            await NoteAsync(transaction, community, "instantiated", taken, made, actor, ct);
            return (await workflows.FindAsync(transaction, community, made, ct), false);
        },
        ct);

    /// <summary>Makes a template of the draft of a workflow.</summary>
    /// <returns>Null: the community has as many as it may have.</returns>
    /// <exception cref="Npgsql.PostgresException">The name is taken.</exception>
    public Task<Template?> CreateAsync(long community, Workflow workflow, CreateTemplate request, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            var document = JsonSerializer.Serialize(workflow.ToDocument(), WorkflowsJson.Default.WorkflowDocument);
            var made = await transaction.FindAsync(
                $"""
                insert into workflows.workflow_templates as t (template_id, community_id, name, description, category, template_workflow, tags, is_public,
                    created_by, created_at, updated_at)
                select {Guid.CreateVersion7(now)}, {community}, {request.Name!}, {request.Description ?? workflow.Description}, {request.Category},
                    {document}::jsonb, {(request.Tags ?? []).ToArray()}, false, {actor.Key}, {now}, {now}
                where (select count(*) from workflows.workflow_templates o where o.community_id = {community}) < {MaxPerCommunity}
                returning {Template.Columns}, t.template_workflow::text
                """,
                Template.Read,
                ct);
            if (made is not null)
            {
                await NoteAsync(transaction, community, "created", made, workflow.WorkflowId, actor, ct);
            }

            return made;
        },
        ct);

    /// <returns>False: the community has no such template of its own.</returns>
    public Task<bool> DeleteAsync(long community, Guid id, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var gone = await transaction.FindAsync(
                $"delete from workflows.workflow_templates t where t.template_id = {id} and t.community_id = {community} returning {Template.Columns}",
                Template.Read,
                ct);
            if (gone is not null)
            {
                await NoteAsync(transaction, community, "deleted", gone, null, actor, ct);
            }

            return gone is not null;
        },
        ct);

    /// <summary>Says what a community thinks of a template, in place of what it thought before.</summary>
    /// <returns>Null: the community sees no such template.</returns>
    public Task<Template?> RateAsync(long community, Guid id, int rating, Actor actor, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            await transaction.ExecuteAsync($"select 1 from workflows.workflow_templates where template_id = {id} for no key update", ct);
            var before = await transaction.ListAsync(
                $"select rating from workflows.workflow_template_ratings where template_id = {id} and community_id = {community}", r => r.GetInt32(0), ct);
            await transaction.ExecuteAsync(
                $"""
                insert into workflows.workflow_template_ratings (template_id, community_id, rating, rated_by, updated_at)
                select t.template_id, {community}, {rating}, {actor.Key}, {now} from workflows.workflow_templates t
                where t.template_id = {id} and (t.community_id is null or t.community_id = {community})
                on conflict (template_id, community_id) do update set rating = excluded.rating, rated_by = excluded.rated_by, updated_at = excluded.updated_at
                """,
                ct);
            var rated = await transaction.FindAsync(
                $"""
                update workflows.workflow_templates t
                set rating = (select avg(r.rating) from workflows.workflow_template_ratings r where r.template_id = t.template_id)
                where t.template_id = {id} and (t.community_id is null or t.community_id = {community})
                returning {Template.Columns}
                """,
                Template.Read,
                ct);
            if (rated is not null)
            {
                await NoteAsync(transaction, community, "rated", rated, null, actor, ct, before is [var old] ? Rating(old) : null, Rating(rating));
            }

            return rated;
        },
        ct);

    private static JsonObject Rating(int rating) => new() { ["rating"] = rating };

    private Task NoteAsync(
        Transaction transaction, long community, string action, Template template, Guid? workflow, Actor actor, CancellationToken ct,
        JsonObject? before = null, JsonObject? after = null)
    {
        var act = new Act(community, workflow, $"template.{action}", ResourceId: template.TemplateId.ToString())
        {
            Old = before,
            New = after,
            Details = new JsonObject { ["template_id"] = template.TemplateId.ToString(), ["name"] = template.Name },
        };
        return audit.WriteAsync(transaction, actor, act, ct);
    }
}
