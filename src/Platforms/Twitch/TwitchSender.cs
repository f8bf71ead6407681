using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Twitch;

/// <summary>Speaks and moderates through Twitch's API, and tells what became of it.</summary>
internal sealed class TwitchSender(Helix helix, ChatSender chat, WhisperSender whispers, IOptions<TwitchOptions> options) : ISender
{
    private const int MaxReason = 500;
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(14);

    public string Name => "twitch";

    private string Bot => options.Value.BotUserId!;

    public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
    {
        if (!options.Value.IsOn)
        {
            return Sent.Failed("Twitch is off: Platforms:Twitch:ClientId, ClientSecret and BotUserId are not all set.");
        }

        return action switch
        {
            SendMessage { Channel.Server: not null }
                or SendDirectMessage { Server: not null }
                or DeleteMessage { Channel.Server: not null }
                or RestrictMember { Channel.Server: not null } => Sent.Failed("Twitch has channels, but no servers."),
            SendMessage message => await chat.SendAsync(message, key.Key, ct),
            SendDirectMessage message => await whispers.SendAsync(message, key.Key, ct),
            DeleteMessage delete => await DeleteAsync(delete, ct),
            RestrictMember restrict => await RestrictAsync(restrict, ct),
            _ => Sent.Failed($"Twitch cannot do {action.GetType().Name}."),
        };
    }

    private async Task<Sent> DeleteAsync(DeleteMessage delete, CancellationToken ct)
    {
        var message = $"&message_id={Uri.EscapeDataString(delete.MessageId)}";
        var response = await CallAsync(HttpMethod.Delete, "moderation/chat", delete.Channel, message, null, ct);
        return response.Ok ? new Sent(delete.MessageId) : Answers.Classify(response);
    }

    private async Task<Sent> RestrictAsync(RestrictMember restrict, CancellationToken ct)
    {
        int? seconds = null;
        switch (restrict)
        {
            case { Restriction: Restriction.Kick }:
                return Sent.Failed("Twitch cannot kick; use a timeout.");
            case { Restriction: Restriction.Timeout, For: not { Ticks: > 0 } }:
                return Sent.Failed("A timeout needs to last some time.");
            case { Restriction: Restriction.Timeout, For: { } time }:
                seconds = (int)Math.Max(1, (time < LongestTimeout ? time : LongestTimeout).TotalSeconds);
                break;
        }

        var reason = restrict.Reason.Length > MaxReason ? restrict.Reason[..MaxReason] : restrict.Reason;
        var body = JsonSerializer.Serialize(
            new NewBan(new BanData(restrict.UserId, seconds, reason)), TwitchJson.Default.NewBan);
        var path = restrict.Restriction == Restriction.Warn ? "moderation/warnings" : "moderation/bans";
        var response = await CallAsync(HttpMethod.Post, path, restrict.Channel, "", body, ct);

        // Done before, perhaps by the try whose answer got lost.
        return response.Ok
            || (response.Status == 400 && response.Body.Contains("already banned", StringComparison.OrdinalIgnoreCase))
            ? new Sent(null)
            : Answers.Classify(response);
    }

    private Task<GuardedResponse> CallAsync(
        HttpMethod method, string path, ChannelId channel, string query, string? body, CancellationToken ct) =>
        helix.AsUserAsync(
            Bot,
            method,
            $"{path}?broadcaster_id={Uri.EscapeDataString(channel.Channel)}&moderator_id={Bot}{query}",
            body,
            ct);
}
