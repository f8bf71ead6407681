using System.Runtime.CompilerServices;
using Rookery.Kernel.Expressions.Functions;

namespace Rookery.Kernel.Expressions.Parsing;

internal sealed class Call : Node
{
    private const int OnStack = 4;

    public Call(int position, Function function, Node[] arguments)
        : base(position, arguments)
    {
        (Function, Arguments) = (function, arguments);
        IsConstant &= function.IsPure;
    }

    public Function Function { get; }

    public Node[] Arguments { get; }

    public override Value Evaluate(ref Run run)
    {
        var few = default(Few);
        var values = Arguments.Length <= OnStack ? few[..Arguments.Length] : new Value[Arguments.Length];
        long size = 0;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Arguments[i].Evaluate(ref run);
            size += values[i].Size;
        }

        return run.Step(Position, Function) && run.Charge(size)
            ? run.Checked(Function.Body(ref run, values))
            : default;
    }

    [InlineArray(OnStack)]
    private struct Few
    {
        private Value _first;
    }
}
