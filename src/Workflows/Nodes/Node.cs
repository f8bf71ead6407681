using System.Text.Json.Serialization;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

/// <summary>The ports that paths leave nodes by.</summary>
internal static class Ports
{
    public const string In = "in";
    public const string Out = "out";
    public const string Success = "success";
    public const string Error = "error";
    public const string True = "true";
    public const string False = "false";
    public const string Body = "body";
    public const string Done = "done";
    public const string Break = "break";
    public const string Continue = "continue";

    public static IReadOnlyList<string> OutOnly { get; } = [Out];

    public static IReadOnlyList<string> OfAction { get; } = [Success, Error];

    public static IReadOnlyList<string> OfLoop { get; } = [Body, Done];

    public static IReadOnlyList<string> None { get; } = [];

    public static string Branch(int number) => $"branch_{number.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}

/// <summary>
/// One node of a definition: its properties are its config, read from JSON. It never changes once it is bound, and all runs
/// share it.
/// </summary>
internal abstract record Node
{
    /// <summary>The ports a path may leave it by; they follow from the type and the config.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<string> Ports => Nodes.Ports.OutOnly;

    /// <summary>Compiles the templates in the config and tells what is wrong with it.</summary>
    public virtual void Bind(Binder binder)
    {
    }
}

/// <summary>Works from the run's variables alone: it may be run again, and nobody outside notices.</summary>
internal abstract record PureNode : Node
{
    public abstract NodeResult Run(NodeContext context);
}

/// <summary>Begins a run; what it gives is in the run's variables from the start.</summary>
internal abstract record TriggerNode : PureNode
{
    /// <summary>command, event, webhook or schedule.</summary>
    [JsonIgnore]
    public abstract string TriggerType { get; }

    public sealed override NodeResult Run(NodeContext context) => NodeResult.Leave(Nodes.Ports.Out);
}

/// <summary>Goes round: each round is a run of its own through what follows its port body.</summary>
internal abstract record LoopNode : Node
{
    [JsonIgnore]
    public override IReadOnlyList<string> Ports => Nodes.Ports.OfLoop;

    /// <summary>Decides about the next round.</summary>
    /// <param name="loop">The rounds so far.</param>
    public abstract NodeResult Next(LoopState loop, NodeContext context);
}

/// <summary>Where a loop is.</summary>
/// <param name="Index">Of the round to come, from 0.</param>
/// <param name="Items">What is gone through; null before the first round, and for loops that go through nothing.</param>
internal sealed record LoopState(int Index, Value? Items)
{
    public static LoopState Start { get; } = new(0, null);
}

/// <summary>
/// Adds something to the database in the very transaction that records it: it happens exactly when its row says so.
/// </summary>
internal abstract record StoredNode : Node
{
    [JsonIgnore]
    public override IReadOnlyList<string> Ports => Nodes.Ports.OfAction;

    public abstract NodeResult Run(NodeContext context, StoredEffects effects);
}

/// <summary>Calls something outside this database: its intent is stored before it begins, and its outcome afterwards.</summary>
internal abstract record CallNode : Node
{
    [JsonIgnore]
    public override IReadOnlyList<string> Ports => Nodes.Ports.OfAction;

    /// <summary>May be repeated with the same key after a crash; otherwise what is in doubt leaves by the port error.</summary>
    [JsonIgnore]
    public virtual bool IsIdempotent => false;

    /// <summary>How often it is tried again, where the workflow's settings do not say more.</summary>
    [JsonIgnore]
    public virtual int Retries => 0;

    /// <summary>What is to be done, worked out from the variables.</summary>
    /// <returns>Null when that failed; the context has the error.</returns>
    public abstract Call? Prepare(NodeContext context);
}
