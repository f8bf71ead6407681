using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Privacy;

namespace Rookery.Reputation.Tests;

/// <summary>The server, and channels of the sandbox in which things happen.</summary>
public sealed class ReputationHost : TestHost
{
    public ReputationHost() => Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Modules:reputation:ScoresSandbox"] = "true",
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Something happens; it is scored when this returns, unless it is talk.</summary>
    public ValueTask<Routed> HappensAsync(
        string channel, string type, string user, Fact? fact = null, string? id = null, string? text = null, string? name = null) =>
        Get<IEventTransport>().DeliverAsync(
            new InboundEvent
            {
                Channel = new ChannelId(Platform.Sandbox, null, channel),
                Type = type,
                UserId = user,
                UserName = name ?? user,
                MessageId = id ?? $"{Guid.NewGuid():N}",
                Text = text,
                Fact = fact,
                OccurredAt = TimeProvider.System.GetUtcNow(),
            },
            Ct);

    public async Task<string> AskAsync(string text, string channel, string user = "ada") =>
        Lines(await SayAsync(text, user, channel)).ShouldHaveSingleItem();

    public async Task<string> PathAsync(string channel)
    {
        var entity = await Get<EntityDirectory>().ResolveAsync(new ChannelId(Platform.Sandbox, null, channel), Ct);
        return $"/api/v1/communities/{entity.CommunityId}/reputation";
    }

    public async Task<JsonObject> ReadAsync(string path)
    {
        using var response = await Http.GetAsync(path, Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        return (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
    }

    public async Task<decimal> ScoreAsync(string channel, string user)
    {
        using var response = await Http.GetAsync($"{await PathAsync(channel)}/members/sandbox/{user}", Ct);
        return response.StatusCode == HttpStatusCode.NotFound
            ? 0
            : (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!["score"]!.GetValue<decimal>();
    }

    public Task ScoresAsync(string channel, string user, decimal score) => EventuallyAsync(
        async () => await ScoreAsync(channel, user) == score, $"{user} has {score} points in {channel}");

    internal IPersonalData PersonalData => Services.GetServices<IPersonalData>().Single(p => p.Name == "reputation");
}
