using System.CommandLine;

namespace Rookery.Host.Cli;

/// <summary>The verbs of the program.</summary>
internal static class CommandLineInterface
{
    /// <summary>Longer than stopping the server and its database may take.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(15);

    /// <summary>Settings go last, so that none is taken for a verb's argument.</summary>
    public static Task<int> RunAsync(IReadOnlyList<string> args) =>
        RunAsync(args, new() { ProcessTerminationTimeout = StopWithin }, default);

    public static Task<int> RunAsync(IReadOnlyList<string> args, InvocationConfiguration configuration, CancellationToken ct) =>
        Root()
            .Parse([.. args.Where(a => !Invocation.IsSetting(a)), .. args.Where(Invocation.IsSetting)])
            .InvokeAsync(configuration, ct);

    private static RootCommand Root() =>
        new("Rookery: one self-hosted bot platform for Discord, Twitch, Slack and its own sandbox. "
            + "Without a verb ./run serves; serve --help shows its options: --port, --listen, --simulate and others.")
    {
        ServeCommand.Make(),
        ChatCommand.Make(),
        MigrateCommand.Make(),
        SchemaCommand.Make(),
        KeysCommand.Make(),
        SecretsCommand.Make(),
        NodesCommand.Make(),
        WorkflowCommand.Make(),
        DoctorCommand.Make(),
    };
}
