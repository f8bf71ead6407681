using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

/// <summary>Where the variables a node sets are known.</summary>
internal enum VariableScope
{
    /// <summary>In this branch or round only.</summary>
    Local,

    /// <summary>In the whole run.</summary>
    Workflow,
}

/// <summary>Why a node failed.</summary>
/// <param name="Code">For conditions and programs.</param>
/// <param name="Message">For people; says what to change.</param>
internal sealed record NodeError(string Code, string Message)
{
    public bool MayPass { get; init; }

    /// <summary>It may have been done all the same, and would be done again: it is tried once, whatever the settings say.</summary>
    public bool MayBeDone { get; init; }

    public static NodeError Of(EvaluationError error, string field) =>
        new(error.Code, $"{field}: {error.Message} (line {error.Line}, column {error.Column})");
}

/// <summary>What came of a node.</summary>
internal sealed record NodeResult
{
    /// <summary>The port the path leaves by; null: it ends here, or <see cref="Branches"/> says more.</summary>
    public string? Port { get; init; }

    /// <summary>Ports that are left all at once, each by a path of its own.</summary>
    public IReadOnlyList<string>? Branches { get; init; }

    /// <summary>The config with its templates filled in.</summary>
    public Value Inputs { get; init; } = Value.EmptyObject;

    /// <summary>The variables it sets.</summary>
    public Value Outputs { get; init; } = Value.EmptyObject;

    public VariableScope Scope { get; init; }

    /// <summary>What else there is to know about it.</summary>
    public Value Data { get; init; }

    /// <summary>Goes into the run's output.</summary>
    public Value Final { get; init; }

    /// <summary>The path goes on only then.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Ends the whole run: success or failed.</summary>
    public string? Stop { get; init; }

    public NodeError? Error { get; init; }

    public static NodeResult Leave(string port) => new() { Port = port };

    public static NodeResult Fail(string code, string message) => new() { Error = new NodeError(code, message) };
}
