namespace Rookery.Modules.Moderation.Regexes;

/// <summary>Parts of an expression that cannot be run in time linear in the text.</summary>
internal enum RegexConstruct
{
    Lookaround,
    AtomicGroup,
    BackReference,
    BalancingGroup,
    Conditional,
    Contiguous,
}
