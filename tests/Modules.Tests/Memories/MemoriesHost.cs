using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Delivery;

namespace Rookery.Memories.Tests;

/// <summary>
/// The server with a clock the test moves, loops that look often, and a sandbox that only writes down.
/// </summary>
public sealed class MemoriesHost : TestHost
{
    public MemoriesHost()
    {
        Clock = new ManualClock();
        Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Timers:Poll"] = "00:00:00.050",
            ["Outbox:Poll"] = "00:00:00.050",
        };
        Configure = services => services.RemoveAll<ISender>().AddSingleton<ISender>(Sandbox);
    }

    public RecordingSender Sandbox { get; init; } = new();

    /// <summary>The one line that answers.</summary>
    public async Task<string> AskAsync(string text, string user = "ada", string channel = "lobby", string role = "member") =>
        Lines(await SayAsync(text, user, channel, role)).ShouldHaveSingleItem();

    /// <summary>Adds a quote as a moderator and returns its id.</summary>
    public async Task<long> QuoteAsync(string text, string channel, string author = "Ada")
    {
        var answer = await AskAsync($"!memories add quote \"{text}\" {author}", channel: channel, role: "moderator");
        return IdIn(answer);
    }

    /// <summary>Reads the id in <c>… – 12: …</c> or <c>Reminder 12: …</c>.</summary>
    public static long IdIn(string answer)
    {
        var colon = answer.IndexOf(": ", StringComparison.Ordinal);
        return long.Parse(
            answer[(answer.LastIndexOf(' ', colon) + 1)..colon], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The community that a sandbox channel belongs to; it says something there first.</summary>
    public async Task<long> CommunityAsync(string channel)
    {
        await SayAsync("!ping", channel: channel);
        var entity = await Get<EntityDirectory>().ResolveAsync(
            new ChannelId(Platform.Sandbox, null, channel), TestContext.Current.CancellationToken);
        return entity.CommunityId;
    }

    public async Task<string> PathAsync(string channel) =>
        $"/api/v1/communities/{await CommunityAsync(channel)}/memories";

    public async Task<JsonObject> AddAsync(string path, JsonObject memory) =>
        await ReadAsync(
            await Http.PostAsJsonAsync(path, memory, TestContext.Current.CancellationToken), HttpStatusCode.Created);

    public async Task<JsonObject> JsonAsync(string path) =>
        await ReadAsync(await Http.GetAsync(path, TestContext.Current.CancellationToken), HttpStatusCode.OK);

    public static async Task<JsonObject> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        response.StatusCode.ShouldBe(status, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}

/// <summary>Stands for the sandbox platform: writes down what it is given and says it went out.</summary>
public sealed class RecordingSender : ISender
{
    private readonly ConcurrentQueue<(string Key, SendMessage Message)> _sent = new();

    public string Name => "sandbox";

    public IReadOnlyList<string> Keys => [.. _sent.Select(s => s.Key)];

    public ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
    {
        _sent.Enqueue((key.Key, (SendMessage)action));
        return new(new Sent(key.Key));
    }

    public IReadOnlyList<SendMessage> In(string channel) =>
        [.. _sent.Select(s => s.Message).Where(m => m.Channel.Channel == channel)];

    /// <summary>Waits for so many messages in a channel and returns their texts.</summary>
    public async Task<IReadOnlyList<string>> TextsAsync(string channel, int count)
    {
        await TestHost.EventuallyAsync(
            () => Task.FromResult(In(channel).Count >= count), $"{count} messages in {channel}");
        return [.. In(channel).Select(m => m.Response.ChatMessage!)];
    }
}
