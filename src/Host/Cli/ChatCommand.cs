using System.CommandLine;
using Spectre.Console;

namespace Rookery.Host.Cli;

/// <summary><c>rookery chat</c>: talks in the sandbox from a terminal, line by line or once.</summary>
internal static class ChatCommand
{
    private const string Lobby = "lobby";

    /// <summary>How long the end waits for an answer that comes by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly Argument<string?> Text = new("text")
    {
        Description = "Say this, print the answers and end. Without it you talk until /quit.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> User =
        new("--user") { Description = "Who you are.", DefaultValueFactory = _ => Environment.UserName };
    private static readonly Option<string> Channel =
        new("--channel") { Description = "Where you talk.", DefaultValueFactory = _ => Lobby };
    private static readonly Option<string> Role =
        new("--role") { Description = "member, vip, subscriber, moderator, admin or owner.", DefaultValueFactory = _ => "moderator" };
    private static readonly Option<string?> Url =
        new("--url") { Description = "Address of a server elsewhere; needs --key." };
    private static readonly Option<string?> Key = new("--key") { Description = "API key with the scope sandbox." };

    public static Command Make()
    {
        var command =
            new Command("chat", "Talks with the bot in the sandbox, as the page does.") { Text, User, Channel, Role, Verb.Data, Url, Key };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Text)?.Tokens is [{ Value: ['-', '-', ..] strange }])
            {
                result.AddError($"{strange} is no option of chat. To say it, put -- before it: chat -- {strange}");
            }
        });
        command.SetAction(async (parsed, ct) =>
        {
            try
            {
                return await RunAsync(parsed, ct);
            }
            catch (SandboxClientException e)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var target = ChatTarget.Find(parsed.GetValue(Verb.Data)!, parsed.GetValue(Url), parsed.GetValue(Key));
        if (target.Simulated is { } folder)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"Only a simulated server runs; you talk with it ({folder}).");
        }

        var speaker = new Speaker(parsed.GetValue(Channel)!, parsed.GetValue(User)!, parsed.GetValue(Role)!);
        using var client = new SandboxClient(target);
        if (speaker.Channel != Lobby)
        {
            await client.EnsureChannelAsync(speaker.Channel, ct);
        }

        if (parsed.GetValue(Text) is { } text)
        {
            await SayAsync(client, speaker, text, parsed.InvocationConfiguration.Output, ct);
        }
        else if (Console.IsInputRedirected)
        {
            while (await Console.In.ReadLineAsync(ct) is { } line and not "/quit")
            {
                await SayAsync(client, speaker, line, parsed.InvocationConfiguration.Output, ct);
            }
        }
        else
        {
            await TalkAsync(client, speaker, ct);
        }

        return 0;
    }

    private static async Task SayAsync(
        SandboxClient client, Speaker speaker, string text, TextWriter output, CancellationToken ct)
    {
        var said = await client.SayAsync(speaker, text, ct);
        var answers = SandboxClient.IsAnsweredLater(said)
            ? await client.LateAnswersAsync(speaker, said, Patience, ct)
            : SandboxClient.Answers(said);
        foreach (var line in answers)
        {
            await output.WriteLineAsync(line);
        }

        if (SandboxClient.IsUnknown(said, text))
        {
            await output.WriteLineAsync($"Nothing here answers {text.Split(' ')[0]}. !help shows what does.");
        }
    }

    private static async Task TalkAsync(SandboxClient client, Speaker speaker, CancellationToken ct)
    {
        var screen = new ChatScreen(AnsiConsole.Console, speaker);
        screen.Welcome(client.Address);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var listening = client.ListenAsync(speaker.Channel, screen.Show, screen.Note, end.Token);
        try
        {
            while (!listening.IsCompleted && await screen.ReadLineAsync(listening, ct) is { } line and not "/quit")
            {
                await TryAsync(client, speaker, line, screen, ct);
            }
        }
        finally
        {
            await end.CancelAsync();
            await listening;
        }
    }

    /// <summary>A line that cannot be said now is no reason to leave.</summary>
    private static async Task TryAsync(
        SandboxClient client, Speaker speaker, string line, ChatScreen screen, CancellationToken ct)
    {
        try
        {
            if (SandboxClient.IsUnknown(await client.SayAsync(speaker, line, ct), line))
            {
                screen.Note($"Nothing here answers {line.Split(' ')[0]}. !help shows what does.");
            }
        }
        catch (SandboxClientException e)
        {
            screen.Note(e.Message);
        }
    }
}

/// <summary>Who says something, and where.</summary>
internal sealed record Speaker(string Channel, string User, string Role);
