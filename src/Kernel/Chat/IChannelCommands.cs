using Rookery.Kernel.Communities;

namespace Rookery.Kernel.Chat;

/// <summary>
/// Commands that some channels have of their own, such as those that start workflows. A command of the registry that has the
/// same name or alias wins.
/// </summary>
public interface IChannelCommands
{
    /// <summary>
    /// The module's registered command under which these are on record. Where a channel has it off, or lets fewer people use
    /// it, the same holds for these.
    /// </summary>
    string Carrier { get; }

    /// <summary>Asked for every <c>!</c> word that nothing else answers to, so it answers from memory.</summary>
    /// <param name="name">As typed, without its prefix.</param>
    ChannelCommand? Find(Entity entity, ReadOnlySpan<char> name);

    IReadOnlyList<ChannelCommand> List(Entity entity);
}

/// <param name="MinRole">The least role that may call it.</param>
public sealed record ChannelCommand(string Name, string Help, Role MinRole, IReadOnlyList<string> Aliases, ICommand Handler);
