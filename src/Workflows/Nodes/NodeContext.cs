using NodaTime;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

/// <summary>
/// What one node may know while it works: the variables where it stands, the time, and how much it may cost. The first error
/// is kept, and what is asked for afterwards is null; whoever runs the node looks at <see cref="Error"/> when it is done.
/// </summary>
internal sealed class NodeContext(RunInfo run, INames names, Instant now, DateTimeZone zone, ulong seed, Budget budget)
{
    private readonly NodeContext? _outer;

    private NodeContext(NodeContext outer, INames names)
        : this(outer.Run, names, outer.Now, outer.Zone, outer.Seed, outer.Budget) => _outer = outer;

    public RunInfo Run => run;

    public NodeError? Error { get; private set; }

    private ulong Seed => seed;

    private Budget Budget => budget;

    public Instant Now => now;

    public DateTimeZone Zone => zone;

    /// <summary>The value of a template; a template that is one expression keeps its kind.</summary>
    public Value Value(Field<Template> template) => Error is null
        ? Take(template.Of.Evaluate(new Evaluation(names, now, zone, seed, budget)), template.Name)
        : default;

    public string Text(Field<Template> template) => Value(template).ToText();

    /// <summary>All templates in a JSON value filled in.</summary>
    public Value Value(FilledJson json) => json.Fill(this);

    /// <summary>The same with one variable more; its error is this one's too.</summary>
    public NodeContext With(string name, Value value) =>
        new(this, new Scope(Kernel.Expressions.Value.Object((name, value)), names)) { Error = Error };

    public void Fail(NodeError error)
    {
        Error ??= error;
        _outer?.Fail(error);
    }

    private Value Take(Evaluated evaluated, string field)
    {
        if (evaluated.Error is { } error)
        {
            Fail(NodeError.Of(error, field));
        }

        return evaluated.Value;
    }
}

/// <summary>Which run it is, where and for whom.</summary>
/// <param name="Depth">How many runs led to this one.</param>
/// <param name="By">Who caused it; null: no person.</param>
/// <param name="ReplyTo">The platform's id of the message that caused it.</param>
internal sealed record RunInfo(
    Guid ExecutionId, Guid WorkflowId, string Name, int Version, Entity Entity, int Depth = 0, Member? By = null, string? ReplyTo = null)
{
    public long Community => Entity.CommunityId;
}

/// <summary>Something compiled, with the name of the config's field it comes from.</summary>
internal readonly record struct Field<T>(string Name, T Of);
