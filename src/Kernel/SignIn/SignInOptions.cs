using System.ComponentModel.DataAnnotations;

namespace Rookery.Kernel.SignIn;

/// <summary>The section <c>SignIn</c>.</summary>
internal sealed class SignInOptions
{
    /// <summary>Calls of <c>/auth</c> that one address may make on this node.</summary>
    [Range(1, 100_000)]
    public int LoginCallsPerMinute { get; init; } = 60;

    /// <summary>Calls of the API that one session may make on this node.</summary>
    [Range(1, 1_000_000)]
    public int SessionCallsPerMinute { get; init; } = 600;
}
