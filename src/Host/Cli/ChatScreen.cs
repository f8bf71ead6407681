using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Rookery.Host.Cli;

/// <summary>The terminal of a talk: messages come in above, and what is being typed stays below.</summary>
internal sealed class ChatScreen(IAnsiConsole console, Speaker speaker)
{
    private static readonly TimeSpan LookForKeys = TimeSpan.FromMilliseconds(25);

    private readonly Lock _gate = new();
    private readonly StringBuilder _typed = new();

    public void Welcome(Uri address)
    {
        console.Write(new Rule($"[bold]Rookery[/] · {Markup.Escape(speaker.Channel)}").LeftJustified());
        var you = Markup.Escape($"{speaker.User} ({speaker.Role})");
        console.MarkupLine(
            $"[grey]{Markup.Escape(address.ToString())} · you are {you} · !help shows what the bot can do · /quit ends[/]");
    }

    public void Show(JsonNode message)
    {
        var time = message["created_at"]!.GetValue<DateTimeOffset>()
            .ToLocalTime()
            .ToString("HH:mm", CultureInfo.InvariantCulture);
        var bot = message["is_bot"]!.GetValue<bool>();
        var text = Escape(message["body"]) is { Length: > 0 } body
            ? body
            : Escape(message["response"]?["response_data"]);
        var style = message switch
        {
            _ when message["deleted_at"] is not null => "strikethrough grey",
            _ when bot && message["response"]?["success"]?.GetValue<bool>() is false => "yellow",
            _ => "default",
        };
        var why = message["deleted_reason"] is { } reason ? $" [grey]({Escape(reason)})[/]" : "";
        Above($"[grey]{time}[/] [{(bot ? "bold green" : "bold blue")}]{Escape(message["author_name"])}[/] [{style}]{text}[/]{why}");
    }

    public void Note(string text) => Above($"[red]{Markup.Escape(SandboxClient.Clean(text))}[/]");

    /// <returns>What was typed up to Enter; null at Ctrl-D or when <paramref name="until"/> completes.</returns>
    public async Task<string?> ReadLineAsync(Task until, CancellationToken ct)
    {
        Prompt();
        while (!until.IsCompleted)
        {
            if (!Console.KeyAvailable)
            {
                await Task.Delay(LookForKeys, ct);
                continue;
            }

            var key = Console.ReadKey(intercept: true);
            if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control })
            {
                return null;
            }

            if (Type(key) is { } line)
            {
                return line;
            }
        }

        return null;
    }

    /// <returns>The line when the key ends one.</returns>
    private string? Type(ConsoleKeyInfo key)
    {
        lock (_gate)
        {
            switch (key.Key)
            {
                case ConsoleKey.Enter when _typed.Length > 0:
                    var line = _typed.ToString();
                    _typed.Clear();
                    Erase();
                    return line;
                case ConsoleKey.Backspace when _typed.Length > 0:
                    _typed.Length -= _typed.Length > 1 && char.IsLowSurrogate(_typed[^1]) ? 2 : 1;
                    break;
                case var _ when !char.IsControl(key.KeyChar):
                    _typed.Append(key.KeyChar);
                    break;
            }

            Prompt();
            return null;
        }
    }

    private void Above(string markup)
    {
        lock (_gate)
        {
            Erase();
            console.MarkupLine(markup);
            Prompt();
        }
    }

    private void Prompt()
    {
        lock (_gate)
        {
            Erase();
            var room = Math.Max(10, console.Profile.Width - speaker.User.Length - 4);
            var visible = _typed.Length > room ? _typed.ToString(_typed.Length - room, room) : _typed.ToString();
            console.Markup($"[blue]{Markup.Escape(speaker.User)}>[/] {Markup.Escape(visible)}");
        }
    }

    private void Erase() => console.Write(new ControlCode("\r\e[K"));

    private static string Escape(JsonNode? node) => Markup.Escape(SandboxClient.Clean(node?.ToString() ?? ""));
}
