using System.CommandLine;

namespace Rookery.Host.Cli;

/// <summary>The verbs of the program.</summary>
internal static class CommandLineInterface
{
    public static RootCommand Root() => new("Rookery: one self-hosted bot platform for Discord, Twitch, Slack and its own sandbox.")
    {
        ServeCommand.Make(),
    };
}
