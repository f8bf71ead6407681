namespace Rookery.Modules.Reputation;

/// <summary>The section <c>Modules:reputation</c>.</summary>
internal sealed class ReputationOptions
{
    /// <summary>Talk and commands in the Sandbox are scored too. It is for trying things out, so by default they are not.</summary>
    public bool ScoresSandbox { get; init; }
}
