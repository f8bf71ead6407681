using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Twitch;

/// <summary>People, streams and recordings as Twitch's API tells of them.</summary>
/// <remarks>Source: dev.twitch.tv/docs/api/reference, Get Users, Get Streams, Get Videos.</remarks>
internal sealed class StreamDirectory(Helix helix, IOptions<TwitchOptions> options) : IStreamDirectory
{
    private const int AtOnce = 100;
    private const int Recordings = 5;

    public string? OffBecause => options.Value.OffBecause;

    public Task<IReadOnlyList<Broadcaster>?> FindAsync(IReadOnlyList<string> logins, CancellationToken ct) => UsersAsync("login", logins, ct);

    public Task<IReadOnlyList<Broadcaster>?> FindByIdAsync(IReadOnlyList<string> ids, CancellationToken ct) => UsersAsync("id", ids, ct);

    public async Task<IReadOnlyList<LiveBroadcast>?> LiveAsync(IReadOnlyList<string> broadcasterIds, CancellationToken ct) =>
        await AskAsync($"streams?first={AtOnce}&{Query("user_id", broadcasterIds)}", TwitchJson.Default.StreamPage, ct) is { } page
            ? [.. page.Data.Select(Live)]
            : null;

    public async Task<string?> RecordingAsync(string broadcasterId, string streamId, CancellationToken ct)
    {
        var query = $"videos?type=archive&first={Recordings}&{Query("user_id", [broadcasterId])}";
        return await AskAsync(query, TwitchJson.Default.VideoPage, ct) is { } page
            ? page.Data.FirstOrDefault(v => v.StreamId == streamId)?.Url ?? ""
            : null;
    }

    private async Task<IReadOnlyList<Broadcaster>?> UsersAsync(string by, IReadOnlyList<string> values, CancellationToken ct)
    {
        var found = new List<Broadcaster>();
        foreach (var some in values.Chunk(AtOnce))
        {
            if (await AskAsync($"users?{Query(by, some)}", TwitchJson.Default.UserPage, ct) is not { } page)
            {
                return null;
            }

            found.AddRange(page.Data.Select(u => new Broadcaster(u.Id, u.Login, u.DisplayName, u.ProfileImageUrl)));
        }

        return found;
    }

    private async Task<T?> AskAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        if (OffBecause is not null)
        {
            return null;
        }

        var response = await helix.AsAppAsync(HttpMethod.Get, path, null, ct);
        try
        {
            return response.Ok ? JsonSerializer.Deserialize(response.Body, type) : null;
        }
        catch (JsonException)
        {
            // A proxy on the way answers something else now and then.
            return null;
        }
    }

    private static LiveBroadcast Live(TwitchStream s) => new(
        s.UserId,
        s.Id,
        s.UserLogin ?? "",
        s.UserName ?? s.UserLogin ?? "",
        s.Title ?? "",
        s.GameName ?? "",
        Math.Max(0, s.ViewerCount),
        s.ThumbnailUrl,
        s.StartedAt);

    private static string Query(string name, IEnumerable<string> values) =>
        string.Join('&', values.Select(v => $"{name}={Uri.EscapeDataString(v)}"));
}

internal sealed record VideoPage(IReadOnlyList<TwitchVideo> Data);

/// <param name="StreamId">Of the stream it records; null for an upload.</param>
internal sealed record TwitchVideo(string Id, string? StreamId, string Url);
