using System.Text.Json;
using Rookery.Kernel.Communities;

namespace Rookery.Kernel.Chat;

/// <summary>Handles one command. It returns what to say; the router says it.</summary>
public interface ICommand
{
    ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct);
}

/// <summary>A command somebody typed, already resolved to a channel, a community and a member.</summary>
public sealed record CommandCall
{
    public required Guid ExecutionId { get; init; }

    public required Entity Entity { get; init; }

    public required Member Member { get; init; }

    /// <summary>The command's registered name, whichever alias was typed.</summary>
    public required string Command { get; init; }

    /// <summary>The words after the command; text in double quotes is one word.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Everything after the command, as typed.</summary>
    public required string ArgumentText { get; init; }

    public required string Message { get; init; }

    public string? MessageId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// <c>command_permissions.config</c> of this command in this channel; an empty object when none is set.
    /// </summary>
    public required JsonElement Config { get; init; }

    public long Community => Entity.CommunityId;
}

/// <summary>
/// How a command is registered. A handler and its text are code; everything an operator may change is a column of
/// <c>commands</c>.
/// </summary>
public sealed record CommandSpec(string Name, string Help)
{
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>One line per form, for <c>!help name</c>; for example <c>add quote "text" [author]</c>.</summary>
    public IReadOnlyList<string> Usage { get; init; } = [];

    /// <summary>The least role that may call it, until a channel's permissions say otherwise.</summary>
    public Role MinRole { get; init; }

    /// <summary>Calls per minute and member; 0 is no limit.</summary>
    public int RateLimit { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True lets the channel go on while this command still works.</summary>
    public bool Parallel { get; init; }

    /// <summary>
    /// A promise that the handler answers from memory and changes nothing. Its execution is then stored once, finished,
    /// instead of first as pending, because a crash in between leaves nothing behind that a repeat could double.
    /// </summary>
    public bool Pure { get; init; }
}
