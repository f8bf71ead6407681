using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;
using Rookery.Platforms.Twitch.Auth;

namespace Rookery.Platforms.Twitch;

/// <summary>
/// Says things to one person. Twitch cannot tell repeats of whispers either: when an answer is lost, it is as with
/// <see cref="ChatSender"/>. Twitch may drop a whisper and say that it was sent.
/// </summary>
/// <remarks>Source: dev.twitch.tv/docs/api/reference#send-whisper.</remarks>
internal sealed class WhisperSender(
    Helix helix, Tokens tokens, WhisperLimits limits, SendProgress progress, IOptions<TwitchOptions> options)
{
    public const string Scope = "user:manage:whispers";

    private string Bot => options.Value.BotUserId!;

    public async Task<Sent> SendAsync(SendDirectMessage message, string key, CancellationToken ct)
    {
        var r = message.Response;
        var parts = MessageText.Split(r.ChatMessage ?? r.TickerText ?? r.MediaUrl ?? "", options.Value.MaxParts);
        if (await RefusalAsync(message.UserId, parts.Count, ct) is { } refusal)
        {
            return Sent.Failed(refusal);
        }

        var state = progress.Of(key);
        while (state.Done < parts.Count)
        {
            var sent = limits.Take() is { } wait
                ? Sent.TryAgain("The bot has whispered as much as Twitch allows.", wait)
                : Read(await PostAsync(message.UserId, parts[state.Done], ct), key, state);
            if (!sent.Ok)
            {
                return sent with { MayStand = state.IsUncertain || state.Done > 0 };
            }

            state.Advance(null);
        }

        return new Sent(null);
    }

    /// <summary>Why it is of no use to ask Twitch.</summary>
    private async Task<string?> RefusalAsync(string user, int parts, CancellationToken ct) =>
        user.Length == 0 || !user.All(char.IsAsciiDigit) ? $"\"{user}\" is no id of a Twitch user; it is a number."
        : parts == 0 ? "There is nothing to say."
        : user == Bot ? "The bot cannot whisper to itself."
        : await tokens.UserAsync(Bot, ct) is { } token && !token.Scopes.Contains(Scope)
            ? $"The token of the bot lacks the scope {Scope}; log the bot in again at /platforms/twitch/login?as=bot."
        : null;

    private Task<GuardedResponse> PostAsync(string user, string text, CancellationToken ct) => helix.AsUserAsync(
        Bot,
        HttpMethod.Post,
        $"whispers?from_user_id={Bot}&to_user_id={user}",
        JsonSerializer.Serialize(new NewWhisper(text), TwitchJson.Default.NewWhisper),
        ct);

    private static Sent Read(GuardedResponse response, string key, SendState state)
    {
        if (response.Ok)
        {
            return new Sent(null);
        }

        var answer = Answers.Classify(response);
        if (response.Status == 429)
        {
            // Too fast, or too many people today: Twitch does not say which.
            return Sent.TryAgain(answer.Error!, response.RetryAfter ?? WhisperLimits.Minute);
        }

        if (!Answers.IsUncertain(response))
        {
            return answer;
        }

        state.IsUncertain = true;
        return ChatSender.Doubt(answer, key);
    }
}
