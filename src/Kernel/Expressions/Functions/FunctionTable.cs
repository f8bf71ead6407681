using System.Collections.Frozen;
using Rookery.Kernel.Expressions.Parsing;
using Rookery.Kernel.Startup;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>All functions by their names.</summary>
internal static class FunctionTable
{
    private const string Default = "default";

    public static IReadOnlyList<Function> All { get; } =
    [
        .. TextFunctions.All, .. NumberFunctions.All, .. ChanceFunctions.All, .. ListFunctions.All,
        .. ObjectFunctions.All, .. KindFunctions.All, .. ClockFunctions.All, .. DateFunctions.All,
    ];

    private static readonly FrozenDictionary<string, Function> ByName = All
        .SelectMany(f => f.OtherNames.Prepend(f.Name), (function, name) => (function, name))
        .ToFrozenDictionary(f => f.name, f => f.function, StringComparer.Ordinal);

    /// <returns>Null when there is no such function, or it takes another number of arguments.</returns>
    public static Node? Call(string name, int position, Node[] arguments, out string problem)
    {
        problem = "";
        if (name == Default)
        {
            problem = "default takes two values: default(value, other).";
            return arguments is [var value, var other] ? new Fallback(position, value, other, alsoForEmpty: true) : null;
        }

        if (!ByName.TryGetValue(name, out var function))
        {
            problem = $"There is no function {name}.{Proposal(name)}";
            return null;
        }

        problem = $"It is called as {function.Form}; this gives it {arguments.Length}.";
        return arguments.Length >= function.Least && arguments.Length <= function.Most
            ? new Call(position, function, arguments)
            : null;
    }

    private static string Proposal(string name)
    {
        var nearest = Words.Nearest(name, ByName.Keys.Append(Default), within: 2);
        return nearest is null ? "" : $" Is {nearest} meant?";
    }
}
