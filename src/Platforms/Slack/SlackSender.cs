using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Slack;

/// <summary>Carries out on Slack what the bot does there.</summary>
internal sealed class SlackSender(
    WorkspaceCalls calls, MessagePoster poster, DirectChannels direct, ResponseUrls urls, FormOpener forms) : ISender
{
    public string Name => "slack";

    public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct) => action switch
    {
        SendMessage { Channel.Server: { } team } m => await SayAsync(team, m, key, ct),
        SendDirectMessage { Server: { } team } m => await SayAsync(team, m, key, ct),
        EditMessage { Channel.Server: { } team } e => await EditAsync(team, e, ct),
        DeleteMessage { Channel.Server: { } team } d => await DeleteAsync(team, d, ct),
        RestrictMember { Channel.Server: { } team } r => await RestrictAsync(team, r, ct),
        SendDirectMessage => Sent.Failed("A person on Slack is reached through a workspace; this message names none."),
        SendMessage or EditMessage or DeleteMessage or RestrictMember => Sent.Failed("A Slack channel belongs to a workspace; this one names none."),
        _ => Sent.Failed($"Slack cannot do {action.GetType().Name}."),
    };

    private async Task<Sent> SayAsync(string team, SendMessage message, ActionKey key, CancellationToken ct)
    {
        var place = ReplyPlace.Parse(message.ReplyHandle);
        if (place.Trigger is not null
            && message.Response is { ResponseAction: "form", ResponseData: { ValueKind: JsonValueKind.Object } form } response)
        {
            if (await forms.OpenAsync(team, message, place, form, key, ct) is not { } instead)
            {
                return new Sent(null);
            }

            message = message with { Response = new ModuleResponse(response.ModuleName, false, "chat", ChatMessage: instead) };
        }

        var (parts, problem) = SlackMessage.Of(message);
        if (problem is not null)
        {
            return Sent.Failed(problem);
        }

        var isPrivate = message.Response.IsForCaller;
        if (place.Url is { } url && await urls.AnswerAsync(team, url, parts, isPrivate, ct) is { } answered)
        {
            return answered.Ok ? new Sent(null) : Tell("response_url", answered);
        }

        var channel = place.User ?? message.Channel.Channel;
        return isPrivate && message.MentionUserId is { } user && place.User is null
            ? await WhisperAsync(team, channel, user, place.Thread, parts, ct)
            : await poster.PostAsync(new PostPlace(team, channel, place.Thread), parts, key, ct);
    }

    private async Task<Sent> SayAsync(string team, SendDirectMessage message, ActionKey key, CancellationToken ct)
    {
        var (channel, refusal) = await direct.OpenAsync(team, message.UserId, ct);
        if (channel is null)
        {
            return Tell(DirectChannels.Method, refusal);
        }

        var (parts, problem) = SlackMessage.Of(new SendMessage(new ChannelId(Platform.Slack, team, channel), message.Response));
        return problem is not null ? Sent.Failed(problem) : await poster.PostAsync(new PostPlace(team, channel, null), parts, key, ct);
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

    private async Task<Sent> EditAsync(string team, EditMessage edit, CancellationToken ct)
    {
        var (parts, problem) = SlackMessage.Of(new SendMessage(edit.Channel, edit.Response));
        if (problem is not null)
        {
            return Sent.Failed(problem);
        }

        var body = new PostMessage(edit.Channel.Channel, parts[0].Text) { Ts = SlackIds.Ts(edit.MessageId), Blocks = parts[0].Blocks };
        var answer = await calls.SendAsync("chat.update", team, body, SlackJson.Default.PostMessage, null, ct);
        return answer.Ok ? new Sent(edit.MessageId) : Tell("chat.update", answer);
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
