using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Scheduling;
using Rookery.Platforms.Twitch.Auth;

namespace Rookery.Platforms.Twitch;

/// <summary>Asks who of the channels this node holds is live, a hundred at a time, and writes it to their rows.</summary>
/// <remarks>Source: dev.twitch.tv/docs/api/reference, Get Streams.</remarks>
internal sealed partial class LivePolls(Helix helix, Claims claims, IOptions<TwitchOptions> options, ILogger<LivePolls> log) : IJob
{
    private const int AtOnce = 100;

    public TimeSpan Period => options.Value.PollEvery;

    public async ValueTask RunAsync(CancellationToken ct)
    {
        foreach (var some in claims.Of(Platform.Twitch).Where(c => c.EntityId != ChannelClaims.Webhooks.ToString()).Chunk(AtOnce))
        {
            var query = string.Join('&', some.Select(c => $"user_id={Uri.EscapeDataString(c.Channel)}"));
            var response = await helix.AsAppAsync(HttpMethod.Get, $"streams?first={AtOnce}&{query}", null, ct);
            if (!response.Ok || JsonSerializer.Deserialize(response.Body, TwitchJson.Default.StreamPage) is not { } page)
            {
                PutOff(OAuth.Describe(response));
                return;
            }

            var live = page.Data.DistinctBy(s => s.UserId, StringComparer.Ordinal).ToDictionary(s => s.UserId, StringComparer.Ordinal);
            await claims.SetLiveAsync(
                [.. some.Select(c => live.TryGetValue(c.Channel, out var stream) ? stream.Of(c) : new LiveState(c, IsLive: false))], ct);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Who is live at Twitch is asked again later: {Reason}")]
    private partial void PutOff(string reason);
}

internal sealed record StreamPage(IReadOnlyList<TwitchStream> Data);

internal sealed record TwitchStream(
    string Id,
    string UserId,
    string? Title,
    string? GameName,
    int ViewerCount,
    DateTimeOffset StartedAt,
    string? UserLogin = null,
    string? UserName = null,
    string? ThumbnailUrl = null)
{
    public LiveState Of(Claim claim) => new(
        claim,
        IsLive: true,
        Math.Max(0, ViewerCount),
        StartedAt,
        JsonSerializer.Serialize(new StreamNote(Id, Title ?? "", GameName ?? ""), TwitchJson.Default.StreamNote));
}

/// <summary>What of a stream stands in <c>coordination.metadata</c>.</summary>
internal sealed record StreamNote(string StreamId, string Title, string Game);
