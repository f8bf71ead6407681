namespace Rookery.Kernel.Expressions;

/// <summary>Why a text is no expression or template.</summary>
/// <param name="Message">Says what to change.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
public sealed record ParseError(string Message, int Line, int Column);
