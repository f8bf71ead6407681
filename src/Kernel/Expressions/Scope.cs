namespace Rookery.Kernel.Expressions;

/// <summary>What the names in an expression stand for.</summary>
public interface INames
{
    bool TryGet(string name, out Value value);
}

/// <summary>The members of an object as names; a name it lacks is looked for in an outer scope.</summary>
public sealed class Scope(Value names, INames? outer = null) : INames
{
    public bool TryGet(string name, out Value value) =>
        names.TryGet(name, out value) || (outer is not null && outer.TryGet(name, out value));
}
