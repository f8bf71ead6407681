
namespace Rookery.Workflows.Definition;

/// <summary>A version of a workflow, ready to run.</summary>
internal sealed record Published(Guid WorkflowId, int Version, string Name, long EntityKey, long Community, Graph Graph);
