using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Twitch;

/// <summary>The server at irc-ws.chat.twitch.tv: logins, who stands in which channel, and what is heard there.</summary>
public sealed class IrcServer(Accounts accounts, TimeProvider clock)
{
    private static readonly TimeSpan JoinWindow = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<IrcPerson, bool> _open = new();
    private readonly ConcurrentQueue<DateTimeOffset> _joins = new();

    /// <summary>Channels an account may enter within ten seconds; who tries more is not let in.</summary>
    public int MostJoins { get; set; } = 20;

    /// <summary>True: new connections are not let in, whatever token they show.</summary>
    public bool RefusesTokens { get; set; }

    /// <summary>How long joining takes; a connection is not in a channel before.</summary>
    public TimeSpan JoinTakes { get; set; }

    /// <summary>Connections ever let in.</summary>
    public int Made { get; private set; }

    /// <summary>Connections that are open and let in.</summary>
    public int Standing => _open.Keys.Count(p => p.IsIn);

    /// <summary>Joins that came too fast.</summary>
    public int Refused { get; private set; }

    /// <summary>Every line that clients sent, without tokens.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Whether an account moderates a channel; told by the chat.</summary>
    internal Func<string, bool> IsModerated { get; set; } = _ => false;

    /// <summary>Connections that stand in a channel.</summary>
    /// <param name="channel">Its number.</param>
    public int In(string channel) => _open.Keys.Count(p => p.Channels.ContainsKey(accounts.Of(channel).Login));

    /// <summary>Sends a line to everybody in a channel.</summary>
    /// <param name="tags">Without @; escaped.</param>
    public async Task TellAsync(string channel, string tags, string source, string command, string? text = null)
    {
        var login = accounts.Of(channel).Login;
        var line = $"@{tags} :{source} {command} #{login}{(text is null ? "" : $" :{text}")}";
        foreach (var person in _open.Keys.Where(p => p.Channels.ContainsKey(login)))
        {
            await person.SendAsync(line);
        }
    }

    /// <summary>Asks every connection to be made anew.</summary>
    public async Task ReconnectAsync()
    {
        foreach (var person in _open.Keys)
        {
            await person.SendAsync(":tmi.twitch.tv RECONNECT");
        }
    }

    public async Task PingAsync()
    {
        foreach (var person in _open.Keys)
        {
            await person.SendAsync("PING :tmi.twitch.tv");
        }
    }

    /// <summary>Cuts every connection without a word.</summary>
    public void Cut()
    {
        foreach (var person in _open.Keys)
        {
            person.Abort();
        }
    }

    /// <summary>Every connection falls silent and answers nothing.</summary>
    public void Silence()
    {
        foreach (var person in _open.Keys)
        {
            person.IsSilent = true;
        }
    }

    internal void Map(WebApplication app) => app.Map("/irc", async (HttpContext http) =>
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.StatusCode = 400;
            return;
        }

        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        using var person = new IrcPerson(socket);
        _open[person] = true;
        try
        {
            while (await person.ReceiveAsync(http.RequestAborted) is { } lines)
            {
                foreach (var line in lines)
                {
                    await ActAsync(person, line);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client went away.
        }
        finally
        {
            _open.TryRemove(person, out _);
        }
    });

    private async Task ActAsync(IrcPerson person, string line)
    {
        var (command, rest) = line.Split(' ', 2) is [var first, var others] ? (first, others) : (line, "");
        Lines.Enqueue(command == "PASS" ? "PASS" : line);
        switch (command)
        {
            case "CAP":
                await person.SendAsync($":tmi.twitch.tv CAP * ACK {rest[(rest.IndexOf(':', StringComparison.Ordinal))..]}");
                break;
            case "PASS":
                person.Token = rest.Replace("oauth:", "", StringComparison.Ordinal);
                break;
            case "NICK":
                await LetInAsync(person, rest);
                break;
            case "PING":
                await person.SendAsync($":tmi.twitch.tv PONG tmi.twitch.tv {rest}");
                break;
            case "JOIN" when person.IsIn:
                await JoinAsync(person, rest.TrimStart('#'));
                break;
            case "PART" when person.IsIn:
                person.Channels.TryRemove(rest.TrimStart('#'), out _);
                await person.SendAsync($":{person.Source} PART {rest}");
                break;
        }
    }

    private async Task LetInAsync(IrcPerson person, string nick)
    {
        var token = RefusesTokens ? null : accounts.Find(person.Token);
        if (token?.UserId is not { } user || !token.Scopes.Contains("chat:read", StringComparer.Ordinal)
            || accounts.Of(user).Login != nick)
        {
            await person.SendAsync(":tmi.twitch.tv NOTICE * :Login authentication failed");
            await person.CloseAsync();
            return;
        }

        Made++;
        person.Login = nick;
        person.UserId = user;
        await person.SendAsync($":tmi.twitch.tv 001 {nick} :Welcome, GLHF!\r\n:tmi.twitch.tv 376 {nick} :>");
    }

    private async Task JoinAsync(IrcPerson person, string login)
    {
        var now = clock.GetUtcNow();
        while (_joins.TryPeek(out var first) && first + JoinWindow <= now)
        {
            _joins.TryDequeue(out _);
        }

        if (_joins.Count >= MostJoins || accounts.ByLogin(login) is not { } channel)
        {
            Refused++;
            await person.SendAsync(
                $"@msg-id=msg_channel_suspended :tmi.twitch.tv NOTICE #{login} :This channel does not exist or has been suspended.");
            return;
        }

        _joins.Enqueue(now);
        if (JoinTakes > TimeSpan.Zero)
        {
            await Task.Delay(JoinTakes, clock);
        }

        person.Channels[login] = true;
        var (badge, mod) = IsModerated(channel.Id) ? ("moderator/1", '1') : ("", '0');
        await person.SendAsync(string.Join(
            "\r\n",
            $":{person.Source} JOIN #{login}",
            $"@emote-only=0;followers-only=-1;r9k=0;room-id={channel.Id};slow=0;subs-only=0 :tmi.twitch.tv ROOMSTATE #{login}",
            $"@badges={badge};display-name={person.Login};mod={mod};user-type= :tmi.twitch.tv USERSTATE #{login}"));
    }
}
