using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Workflows.Definition;

[JsonConverter(typeof(SnakeCase<Severity>))]
internal enum Severity
{
    Warning,

    /// <summary>Such a definition is not published.</summary>
    Error,
}

/// <summary>Something about a definition that its author should know.</summary>
/// <param name="Node">The node's key; null when it concerns the whole.</param>
/// <param name="Field">Which field of the node's config, or of the definition.</param>
/// <param name="Code">For programs.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
/// <param name="Line">Within the field's text, from 1; null where a place makes no sense.</param>
/// <param name="Column">As <paramref name="Line"/>.</param>
internal sealed record Finding(
    Severity Severity, string Code, string Message, string? Node = null, string? Field = null, int? Line = null, int? Column = null);

internal sealed class Findings
{
    private readonly List<Finding> _all = [];

    public IReadOnlyList<Finding> All => _all;

    public bool HasErrors => _all.Exists(f => f.Severity == Severity.Error);

    public void Error(string code, string message, string? node = null, string? field = null) =>
        _all.Add(new(Severity.Error, code, message, node, field));

    public void Warn(string code, string message, string? node = null, string? field = null) =>
        _all.Add(new(Severity.Warning, code, message, node, field));

    public void Add(Finding finding) => _all.Add(finding);
}
