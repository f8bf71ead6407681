using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Interactions;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>
/// Says and does things on Discord. A message carries a nonce made of its key, so one that is sent again within some
/// minutes is not said again.
/// </summary>
internal sealed class DiscordSender(
    DiscordRest rest, DirectChannels direct, InteractionReplies interactions, MemberRoles roles, TimeProvider clock) : ISender
{
    private const int GoneMessage = 10008;
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(28);

    public string Name => "discord";

    public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct) =>
        action switch
        {
            SendMessage message => InteractionHandle.Parse(message.ReplyHandle) is { } handle
                ? await AnswerAsync(handle, message, key.Key, ct)
                : await SayAsync(message, key.Key, ct),
            SendDirectMessage message => await WhisperAsync(message, key.Key, ct),
            EditMessage edit => await EditAsync(edit, ct),
            DeleteMessage delete => await rest.CallAsync(Delete(delete), ct) is var answer && RestAnswer.CodeOf(answer) == GoneMessage
                ? new Sent(delete.MessageId)
                : RestAnswer.Tell(answer, delete.MessageId),
            RestrictMember restrict => Restrict(restrict) is { } call
                ? RestAnswer.Tell(await rest.CallAsync(call, ct), restrict.UserId)
                : Sent.Failed($"Discord cannot {restrict.Restriction}."),
            SetMemberRole set => await roles.SetAsync(set, ct),
            _ => Sent.Failed($"Discord cannot do {action.GetType().Name}."),
        };

    /// <summary>When the interaction is over, the channel is told instead, but not of what was for one person only.</summary>
    private async Task<Sent> AnswerAsync(InteractionHandle handle, SendMessage message, string key, CancellationToken ct)
    {
        if (await interactions.SendAsync(handle, message, key, ct) is { } sent)
        {
            return sent;
        }

        if (message.Response.IsForCaller || message.Response.ResponseAction == "form")
        {
            DiscordMetrics.Interaction("given_up");
            return Sent.Failed("The interaction is over, and its answer is not for the channel.");
        }

        DiscordMetrics.Interaction("in_channel");
        return await SayAsync(message with { ReplyTo = null }, key, ct);
    }

    private async Task<Sent> SayAsync(SendMessage message, string key, CancellationToken ct)
    {
        if (message.ReplyTo?.All(char.IsAsciiDigit) == false)
        {
            // It answers what happened, not what was said.
            message = message with { ReplyTo = null };
        }

        var (parts, problem) = DiscordMessage.Of(message);
        if (problem is not null)
        {
            return Sent.Failed(problem);
        }

        Sent? first = null;
        for (var i = 0; i < parts.Count; i++)
        {
            var request = parts[i] with
            {
                Nonce = Nonce(key, i),
                EnforceNonce = true,
                MessageReference = i == 0 && message.ReplyTo is { } id ? new MessageReference(id, FailIfNotExists: false) : null,
            };
            var answer = await rest.CallAsync(
                Call.Of(
                    HttpMethod.Post,
                    "channels/{channel}/messages",
                    message.Channel.Channel,
                    $"channels/{Uri.EscapeDataString(message.Channel.Channel)}/messages",
                    request,
                    DiscordJson.Default.MessageRequest),
                ct);
            var sent = RestAnswer.Tell(answer);
            if (!sent.Ok)
            {
                // The parts that were said carry their nonces, so the whole may be tried again; long after, nonces are forgotten.
                return ActionKey.IsReply(key) ? sent : sent with { MayStand = i > 0 || RestAnswer.IsInDoubt(answer) };
            }

            first ??= sent with { PlatformMessageId = JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.MessageAnswer)!.Id };
        }

        return first!;
    }

    private async Task<Sent> WhisperAsync(SendDirectMessage message, string key, CancellationToken ct)
    {
        var (channel, refusal) = await direct.OpenAsync(message.UserId, ct);
        return channel is null
            ? refusal!
            : await SayAsync(new SendMessage(new ChannelId(Platform.Discord, null, channel), message.Response), key, ct);
    }

    /// <summary>What a message lacks now goes away from it, so empty lists are sent and not left out.</summary>
    private async Task<Sent> EditAsync(EditMessage edit, CancellationToken ct)
    {
        var (parts, problem) = DiscordMessage.Of(new SendMessage(edit.Channel, edit.Response));
        if (problem is not null)
        {
            return Sent.Failed(problem);
        }

        var message = $"channels/{Uri.EscapeDataString(edit.Channel.Channel)}/messages/{Uri.EscapeDataString(edit.MessageId)}";
        var request = parts[^1] with { Content = parts[0].Content, Embeds = parts[^1].Embeds ?? [], Components = parts[^1].Components ?? [] };
        var call = Call.Of(
            HttpMethod.Patch, "channels/{channel}/messages/{message}", edit.Channel.Channel, message, request, DiscordJson.Default.MessageRequest);
        return RestAnswer.Tell(await rest.CallAsync(call, ct), edit.MessageId);
    }

    private static Call Delete(DeleteMessage delete) => new(
        HttpMethod.Delete,
        "channels/{channel}/messages/{message}",
        delete.Channel.Channel,
        $"channels/{Uri.EscapeDataString(delete.Channel.Channel)}/messages/{Uri.EscapeDataString(delete.MessageId)}")
    {
        Reason = delete.Reason,
    };

    private Call? Restrict(RestrictMember restrict)
    {
        if (restrict.Channel.Server is not { } guild || !Snowflake.IsOne(guild) || !Snowflake.IsOne(restrict.UserId))
        {
            return null;
        }

        var (server, user) = (Uri.EscapeDataString(guild), Uri.EscapeDataString(restrict.UserId));
        var call = restrict.Restriction switch
        {
            Restriction.Timeout => Call.Of(
                HttpMethod.Patch,
                "guilds/{guild}/members/{user}",
                guild,
                $"guilds/{server}/members/{user}",
                new TimeoutRequest(clock.GetUtcNow() + Shorter(restrict.For ?? TimeSpan.FromMinutes(10))),
                DiscordJson.Default.TimeoutRequest),
            Restriction.Kick =>
                new Call(HttpMethod.Delete, "guilds/{guild}/members/{user}", guild, $"guilds/{server}/members/{user}"),
            Restriction.Ban =>
                new Call(HttpMethod.Put, "guilds/{guild}/bans/{user}", guild, $"guilds/{server}/bans/{user}") { Body = "{}" },
            _ => null,
        };
        return call is null ? null : call with { Reason = restrict.Reason };
    }

    private static TimeSpan Shorter(TimeSpan time) => time < LongestTimeout ? time : LongestTimeout;

    /// <summary>At most 25 characters, the same for the same key.</summary>
    private static string Nonce(string key, int part) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{key}/{part.ToString(CultureInfo.InvariantCulture)}")).AsSpan(0, 12));
}
