namespace Rookery.Kernel.Chat;

/// <summary>The commands that can be typed, for platforms that show them before anybody types.</summary>
public interface ICommandList
{
    /// <summary>The same list until something about a command changes.</summary>
    IReadOnlyList<ListedCommand> Typed { get; }
}

/// <param name="Name">Without its prefix.</param>
/// <param name="Usage">What may follow the name, one form each; empty where that is not known.</param>
public sealed record ListedCommand(char Prefix, string Name, string Description, IReadOnlyList<string> Usage)
{
    public IReadOnlyList<string> Aliases { get; init; } = [];
}
