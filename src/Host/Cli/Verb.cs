using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;
using Rookery.Kernel.Data;
using Spectre.Console;

namespace Rookery.Host.Cli;

/// <summary>What all verbs share: the data folder, settings, and errors told in one line that names the cure.</summary>
internal static class Verb
{
    private const int WidthWithoutTerminal = 160;

    public static readonly Option<string> Data =
        new("--data") { Description = "Folder for everything Rookery keeps.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("ROOKERY_DATA") ?? ".rookery" };
    public static readonly Option<int> Port =
        new("--port") { Description = "Port of the web pages and the API.", DefaultValueFactory = _ => 5080 };

    /// <param name="folder">The data folder a call is about; null: <see cref="DataFolder.InUse"/>.</param>
    public static Command Make(
        string name,
        string description,
        Func<Invocation, CancellationToken, Task<int>> run,
        Func<ParseResult, string>? folder = null)
    {
        var command = new Command(name, description) { Data };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, ct) =>
        {
            // Ctrl-C is listened to once this has returned for the first time.
            await Task.Yield();
            try
            {
                return await run(Invocation.Of(parsed, folder?.Invoke(parsed) ?? DataFolder.InUse(parsed.GetValue(Data)!)), ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return 1;
            }
            catch (Exception e) when (Explain(e) is { } why)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"{NameOf(parsed.CommandResult)}: {why}");
                return 1;
            }
        });
        return command;
    }

    /// <summary>With the verbs it belongs to: <c>keys create</c>.</summary>
    private static string NameOf(CommandResult command) =>
        command.Parent is CommandResult { Command: not RootCommand } parent
            ? $"{NameOf(parent)} {command.Command.Name}"
            : command.Command.Name;

    public static void Print(Table table)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = WidthWithoutTerminal;
            AnsiConsole.Profile.Capabilities.Ansi = false;
        }

        AnsiConsole.Write(table);
    }

    /// <summary>Null for what is a bug and deserves its stack trace.</summary>
    private static string? Explain(Exception e) => e switch
    {
        UnauthorizedAccessException =>
            $"{e.Message} It belongs to another user: run Rookery as the one who made it, or give it to this one with chown -R.",
        StorageUnavailableException { InnerException: { } cause } => $"The database cannot be reached: {cause.Message}",
        PostgresException p => $"The database refused: {p.MessageText} ({p.SqlState})",
        IOException { InnerException: AddressInUseException } =>
            $"{e.Message} Stop the program that has it, or choose another with --port.",
        InvalidDataException { InnerException: { } cause } => $"{e.Message} {cause.Message}",
        AggregateException several when several.InnerExceptions.All(i => i is OptionsValidationException) =>
            string.Join(' ', several.InnerExceptions.Select(i => i.Message)),
        OptionsValidationException or InvalidOperationException or IOException => e.Message,
        _ => null,
    };
}
