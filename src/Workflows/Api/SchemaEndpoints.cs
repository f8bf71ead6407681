using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;

namespace Rookery.Workflows.Api;

/// <summary>What editors need to know about definitions.</summary>
internal static class SchemaEndpoints
{
    /// <summary>At an address of its own, which definitions name as their $schema.</summary>
    public static void MapRoot(RouteGroupBuilder root) => root.MapGet("/schemas/workflow.json", Schema)
        .NeedsNoKey().WithTags("workflows").WithSummary("The JSON Schema of workflow definitions.");

    public static void MapGlobal(RouteGroupBuilder api) => api.MapGet("/workflow-node-types", Types)
        .Needs(Scopes.WorkflowsRead).WithTags("workflows").WithSummary("Lists the types of nodes with their ports and the schemas of their configs.");

    private static ContentHttpResult Schema() => TypedResults.Content(WorkflowSchema.Document.ToJsonString(), "application/schema+json");

    private static Ok<IReadOnlyList<NodeTypeView>> Types() => TypedResults.Ok(WorkflowSchema.Palette);
}
