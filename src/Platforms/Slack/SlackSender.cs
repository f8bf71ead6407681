using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Slack;

/// <summary>Carries out on Slack what the bot does there.</summary>
internal sealed class SlackSender(WorkspaceCalls calls, MessagePoster poster, ResponseUrls urls) : ISender
{
    public string Name => "slack";

    public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct) => action switch
    {
        SendMessage { Channel.Server: { } team } m => await SayAsync(team, m, key, ct),
        DeleteMessage { Channel.Server: { } team } d => await DeleteAsync(team, d, ct),
        RestrictMember { Channel.Server: { } team } r => await RestrictAsync(team, r, ct),
        SendMessage or DeleteMessage or RestrictMember => Sent.Failed("A Slack channel belongs to a workspace; this one names none."),
        _ => Sent.Failed($"Slack cannot do {action.GetType().Name}."),
    };

    private async Task<Sent> SayAsync(string team, SendMessage message, ActionKey key, CancellationToken ct)
    {
        var parts = SlackMessage.Of(message);
        if (parts.Count == 0)
        {
            return Sent.Failed("The answer has nothing that can be shown in Slack.");
        }

        var place = ReplyPlace.Parse(message.ReplyHandle);
        var isPrivate = !message.Response.Success;
        if (place.Url is { } url && await urls.AnswerAsync(url, parts, isPrivate, ct) is { } answered)
        {
            return answered.Ok ? new Sent(null) : Tell("response_url", answered);
        }

        var channel = place.User ?? message.Channel.Channel;
        return isPrivate && message.MentionUserId is { } user && place.User is null
            ? await WhisperAsync(team, channel, user, place.Thread, parts, ct)
            : await poster.PostAsync(new PostPlace(team, channel, place.Thread), parts, key, ct);
    }

    /// <summary>A refusal is for one person. When it is in doubt, it is not said again.</summary>
    private async Task<Sent> WhisperAsync(
        string team, string channel, string user, string? thread, IReadOnlyList<MessagePart> parts, CancellationToken ct)
    {
        foreach (var part in parts)
        {
            var answer = await calls.SendAsync(
                "chat.postEphemeral",
                team,
                new PostMessage(channel, part.Text) { User = user, ThreadTs = thread, Blocks = part.Blocks },
                SlackJson.Default.PostMessage,
                null,
                ct);
            if (!answer.Ok)
            {
                return part == parts[0] && !answer.IsInDoubt
                    ? Tell("chat.postEphemeral", answer)
                    : Sent.Failed(SlackErrors.Explain("chat.postEphemeral", answer));
            }
        }

        return new Sent(null);
    }

    private async Task<Sent> DeleteAsync(string team, DeleteMessage delete, CancellationToken ct)
    {
        var message = new MessageRef(delete.Channel.Channel, SlackIds.Ts(delete.MessageId));
        var answer = await calls.SendAsUserAsync("chat.delete", team, message, SlackJson.Default.MessageRef, ct);
        return answer.Ok || answer.Error == "message_not_found" ? new Sent(delete.MessageId) : Tell("chat.delete", answer);
    }

    private async Task<Sent> RestrictAsync(string team, RestrictMember restrict, CancellationToken ct)
    {
        if (restrict.Restriction != Restriction.Kick)
        {
            return Sent.Failed(
                $"Slack lets no bot do this: {restrict.Restriction.ToString().ToLowerInvariant()}. It can remove somebody from a channel (kick).");
        }

        var member = new MemberRef(restrict.Channel.Channel, restrict.UserId);
        var answer = await calls.SendAsync("conversations.kick", team, member, SlackJson.Default.MemberRef, null, ct);
        return answer.Ok || answer.Error == "not_in_channel" ? new Sent(null) : Tell("conversations.kick", answer);
    }

    private static Sent Tell(string method, SlackAnswer answer) => answer.RetryAfter is { } wait
        ? Sent.TryAgain(SlackErrors.Explain(method, answer), wait)
        : Sent.Failed(SlackErrors.Explain(method, answer));
}
