using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.SignIn;

namespace Rookery.Platforms.Twitch.SignIn;

/// <summary>
/// Who may administer a channel: its broadcaster, and the moderators they chose, for whom Twitch is asked with the
/// broadcaster's token.
/// </summary>
internal sealed class ChannelAdmins(ChannelStore channels, Helix helix, TimeProvider clock) : IServerAdmins
{
    private const int MostPeople = 10_000;

    private readonly Kernel.Data.ShortMemory<(string Channel, string User), Answer> _moderators =
        new(IServerAdmins.Keep, MostPeople, clock);

    public Platform Platform => Platform.Twitch;

    public async Task<ServerRight?> FindAsync(string server, string userId, CancellationToken ct)
    {
        if (await channels.FindAsync(server, ct) is not { IsActive: true } channel)
        {
            return ServerRight.Unknown;
        }

        if (server == userId)
        {
            return new ServerRight(Standing.Admin, channel.BroadcasterName);
        }

        return await _moderators.GetAsync((server, userId), AskAsync, ct) is not { } answer ? null
            : answer.IsModerator ? new ServerRight(Standing.Admin, channel.BroadcasterName)
            : new ServerRight(Standing.Member, channel.BroadcasterName, answer.Reason);
    }

    private async Task<Answer?> AskAsync((string Channel, string User) who)
    {
        var answer = await helix.AsUserAsync(
            who.Channel, HttpMethod.Get,
            $"moderation/moderators?broadcaster_id={Uri.EscapeDataString(who.Channel)}&user_id={Uri.EscapeDataString(who.User)}",
            null, CancellationToken.None);
        return answer switch
        {
            { Status: 401 or 403 } => new Answer(false, "Only the broadcaster may do this until they have let the bot into the channel."),
            { Ok: true } => JsonSerializer.Deserialize(answer.Body, TwitchJson.Default.ModeratorPage)!.Data.Any(m => m.UserId == who.User)
                ? new Answer(true, null)
                : new Answer(false, "Only the broadcaster and the channel's moderators may do this."),
            _ => null,
        };
    }

    private sealed record Answer(bool IsModerator, string? Reason);
}

internal sealed record ModeratorPage(IReadOnlyList<Moderator> Data);

internal sealed record Moderator(string UserId);
