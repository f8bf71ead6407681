using System.Globalization;
using System.Text.Json;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Discord.Rest;

/// <summary>What an answer of Discord's means for whoever decides about trying again.</summary>
internal static class RestAnswer
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <param name="id">Of what was made or done.</param>
    public static Sent Tell(GuardedResponse answer, string? id = null)
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

    /// <summary>It may have been done or not.</summary>
    public static bool IsInDoubt(GuardedResponse answer) => answer.Status is 0 or >= 500;

    /// <summary>Source: Discord developer documentation, Opcodes and status codes, JSON error codes.</summary>
    /// <returns>0 when it says none.</returns>
    public static int CodeOf(GuardedResponse answer) => Read(answer)?.Code ?? 0;

    private static string Explain(GuardedResponse answer)
    {
        var error = Read(answer);
        return error?.Code switch
        {
            10003 => "The channel is gone.",
            10008 => "The message is gone.",
            10062 => "The interaction was answered too late.",
            50001 => "The bot cannot see the channel. Give its role \"View Channel\" there.",
            50007 => "The bot cannot message this person: their settings forbid it, or they blocked the bot.",
            50278 => "The bot cannot message this person: they are in no server with it.",
            50033 => "There is no such person to be messaged.",
            50013 => "The bot lacks a permission for this. Give its role the permission in the server's settings.",
            _ => $"Discord answered {answer.Status}: {error?.Message ?? "without a reason"} ({error?.Code ?? 0}).",
        };
    }

    private static ErrorAnswer? Read(GuardedResponse answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.ErrorAnswer);
        }
        catch (JsonException)
        {
            // Cloudflare answers HTML.
            return null;
        }
    }
}
