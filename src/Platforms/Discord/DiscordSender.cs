using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>
/// Says and does things on Discord. A message carries a nonce made of its key, so one that is sent again within some
/// minutes is not said again.
/// </summary>
internal sealed class DiscordSender(DiscordRest rest, TimeProvider clock) : ISender
{
    private const int MaxText = 2000;
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(28);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public string Name => "discord";

    public async ValueTask<Sent> SendAsync(OutboundAction action, string idempotencyKey, CancellationToken ct) =>
        action switch
        {
            SendMessage message => await SayAsync(message, idempotencyKey, ct),
            DeleteMessage delete => Done(await rest.CallAsync(Delete(delete), ct), delete.MessageId),
            RestrictMember restrict => Restrict(restrict) is { } call
                ? Done(await rest.CallAsync(call, ct), restrict.UserId)
                : Sent.Failed($"Discord cannot {restrict.Restriction}."),
            _ => Sent.Failed($"Discord cannot do {action.GetType().Name}."),
        };

    private async Task<Sent> SayAsync(SendMessage message, string key, CancellationToken ct)
    {
        var response = message.Response;
        var text = response.ChatMessage ?? response.TickerText ?? response.MediaUrl ?? "";
        if (string.IsNullOrWhiteSpace(text))
        {
            return Sent.Failed("Discord takes no empty message.");
        }

        if (message is { MentionUserId: { } mentioned, ReplyTo: null })
        {
            text = $"<@{mentioned}> {text}";
        }

        Sent? first = null;
        var parts = TextSplitter.Split(text, MaxText);
        for (var i = 0; i < parts.Count; i++)
        {
            var request = new MessageRequest(
                parts[i],
                new AllowedMentions([], message.MentionUserId is { } user ? [user] : null, RepliedUser: false),
                Nonce(key, i),
                EnforceNonce: true,
                i == 0 && message.ReplyTo is { } id ? new MessageReference(id, FailIfNotExists: false) : null);
            var answer = await rest.CallAsync(
                Call.Of(
                    HttpMethod.Post,
                    "channels/{channel}/messages",
                    message.Channel.Channel,
                    $"channels/{Uri.EscapeDataString(message.Channel.Channel)}/messages",
                    request,
                    DiscordJson.Default.MessageRequest),
                ct);
            var sent = Done(answer, null);
            if (!sent.Ok)
            {
                // The parts that were said carry their nonces, so the whole may be tried again.
                return sent;
            }

            first ??= sent with { PlatformMessageId = JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.MessageAnswer)!.Id };
        }

        return first!;
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
        if (restrict.Channel.Server is not { } guild)
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

    /// <summary>What an answer means for whoever decides about trying again.</summary>
    private static Sent Done(GuardedResponse answer, string? id)
    {
        switch (answer.Status)
        {
            case >= 200 and < 300:
                return new Sent(id);
            case 429:
                var wait = answer.Headers.TryGetValue("Retry-After", out var text)
                    && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
                        ? TimeSpan.FromSeconds(seconds)
                        : Soon;
                return Sent.TryAgain(answer.Error ?? "Discord's rate limit is used up.", wait);
            case 0 or >= 500:
                return Sent.TryAgain(answer.Error ?? $"Discord answered {answer.Status}.", Soon);
            default:
                return Sent.Failed(Explain(answer));
        }
    }

    /// <summary>Source: Discord developer documentation, Opcodes and status codes, JSON error codes.</summary>
    private static string Explain(GuardedResponse answer)
    {
        ErrorAnswer? error = null;
        try
        {
            error = JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.ErrorAnswer);
        }
        catch (JsonException)
        {
            // Cloudflare answers HTML.
        }

        return error?.Code switch
        {
            10003 => "The channel is gone.",
            10008 => "The message is gone.",
            50001 => "The bot cannot see the channel. Give its role \"View Channel\" there.",
            50013 => "The bot lacks a permission for this. Give its role the permission in the server's settings.",
            _ => $"Discord answered {answer.Status}: {error?.Message ?? "without a reason"} ({error?.Code ?? 0}).",
        };
    }

    /// <summary>At most 25 characters, the same for the same key.</summary>
    private static string Nonce(string key, int part) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{key}/{part.ToString(CultureInfo.InvariantCulture)}")).AsSpan(0, 12));
}
