using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Telemetry;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Twitch;

/// <summary>
/// Says things in a chat. Twitch cannot tell repeats and shows no history, so when an answer is lost nobody knows whether the
/// message stands: an interactive reply is then not repeated, anything else is, and both are counted.
/// </summary>
internal sealed class ChatSender(Helix helix, RateLimits limits, SendProgress progress, IOptions<TwitchOptions> options)
{
    /// <summary>Invisible; makes a message differ from the one before, which Twitch would take for a repeat.</summary>
    private const string Different = " \U000E0000";

    private static readonly Counter<long> Uncertain = Metrics.Meter.CreateCounter<long>(
        "rookery_twitch_uncertain_sends", description: "Messages of which nobody knows whether Twitch showed them.");

    public async Task<Sent> SendAsync(SendMessage message, string key, CancellationToken ct)
    {
        var r = message.Response;
        var text = r.ChatMessage ?? r.TickerText ?? r.MediaUrl ?? "";
        var addressed = message is { ReplyTo: null, MentionName: { } name } ? $"@{name} {text}" : text;
        var parts = text.Length == 0 ? [] : MessageText.Split(addressed, options.Value.MaxParts);
        if (parts.Count == 0)
        {
            return Sent.Failed("There is nothing to say.");
        }

        var state = progress.Of(key);
        while (state.Done < parts.Count)
        {
            var sent = await SendPartAsync(message, parts[state.Done], key, state, ct);
            if (!sent.Ok)
            {
                return sent with { MayStand = state.IsUncertain || state.Done > 0 };
            }

            state.Advance(sent.PlatformMessageId);
        }

        return new Sent(state.FirstMessageId);
    }

    private async Task<Sent> SendPartAsync(SendMessage message, string text, string key, SendState state, CancellationToken ct)
    {
        var channel = message.Channel.Channel;
        if (limits.Take(channel) is { } wait)
        {
            return Sent.TryAgain("The bot has said as much in this channel as Twitch allows.", wait);
        }

        var body = new NewMessage(channel, options.Value.BotUserId!, text, message.ReplyTo);
        var response = await PostAsync(body, ct);
        if (response.Status == 400 && body.ReplyParentMessageId is not null
            && response.Body.Contains("reply_parent_message_id", StringComparison.OrdinalIgnoreCase))
        {
            // What is answered is gone; the answer is still for somebody.
            body = body with { ReplyParentMessageId = null, Message = Addressed(message, text) };
            response = await PostAsync(body, ct);
        }

        if (response.Status == 429)
        {
            limits.GiveBack(channel);
        }

        var sent = Read(response, key, state);
        if (sent is { Dropped: "msg_duplicate" } && !state.IsUncertain)
        {
            var fitting = MessageText.Split(body.Message, 1, MessageText.MaxLength - Different.Length)[0];
            sent = Read(await PostAsync(body with { Message = fitting + Different }, ct), key, state);
        }

        // After a lost answer, Twitch calling it a repeat means that the first one stands.
        return sent is { Dropped: "msg_duplicate" } && state.IsUncertain ? new Sent(null) : sent.Sent;
    }

    private Task<GuardedResponse> PostAsync(NewMessage message, CancellationToken ct) => helix.AsUserAsync(
        options.Value.BotUserId!,
        HttpMethod.Post,
        "chat/messages",
        JsonSerializer.Serialize(message, TwitchJson.Default.NewMessage),
        ct);

    private static (Sent Sent, string? Dropped) Read(GuardedResponse response, string key, SendState state)
    {
        if (response.Ok)
        {
            return JsonSerializer.Deserialize(response.Body, TwitchJson.Default.SentMessages)?.Data switch
            {
                [{ IsSent: true } sent, ..] => (new Sent(sent.MessageId), null),
                [var dropped, ..] => (Answers.Classify(dropped.DropReason), dropped.DropReason?.Code),
                _ => (Sent.Failed("Twitch took the message and did not say what became of it."), null),
            };
        }

        if (!Answers.IsUncertain(response))
        {
            return (Answers.Classify(response), null);
        }

        state.IsUncertain = true;
        return (Doubt(Answers.Classify(response), key), null);
    }

    /// <summary>What to do about a message of which nobody knows whether it stands.</summary>
    /// <param name="answer">What to do if it does not.</param>
    public static Sent Doubt(Sent answer, string key)
    {
        Uncertain.Add(1);
        return ActionKey.IsReply(key) ? Sent.Failed($"{answer.Error} Whether it was said is unknown; it is not said again.") : answer;
    }

    private static string Addressed(SendMessage message, string text) =>
        message.MentionName is { } name && text.Length + name.Length + 2 <= MessageText.MaxLength ? $"@{name} {text}" : text;
}
