namespace Rookery.Kernel.Web;

/// <summary>Something a handler's parameter reads from the query by itself, for the OpenAPI document.</summary>
/// <param name="Type">A JSON Schema type: string, integer or boolean.</param>
public sealed record QueryParameter(string Name, string Type, string Description);
