using System.Security.Cryptography;
using System.Text.Json;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Slack;

/// <summary>
/// Answers slash commands and interactions at the address Slack sent with them, which also works in channels the bot is
/// not in. It is good for five answers within 30 minutes.
/// </summary>
internal sealed class ResponseUrls(SlackHttp http, SecretBox box)
{
    private const int MostAnswers = 4;

    /// <summary>Whoever holds such an address can speak as the bot, so nobody is shown it.</summary>
    public static string Seal(SecretBox box, string team, string url) => box.SealText(PlaceOf(team), url);

    /// <param name="url">Sealed.</param>
    /// <returns>Null when the address is used up and another way must be taken.</returns>
    public async Task<SlackAnswer?> AnswerAsync(
        string team, string url, IReadOnlyList<MessagePart> parts, bool isPrivate, CancellationToken ct)
    {
        if (parts.Count > MostAnswers || Open(team, url) is not { } address)
        {
            return null;
        }

        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            var body = new PostMessage(null, part.Text)
            {
                Blocks = part.Blocks,
                ResponseType = isPrivate ? "ephemeral" : "in_channel",
                ReplaceOriginal = false,
            };
            var response = await http.PostAsync(
                address, JsonSerializer.Serialize(body, SlackJson.Default.PostMessage), "application/json; charset=utf-8", null, ct);
            SlackMetrics.Call("response_url", response.Ok ? "ok" : "refused");
            if (response.Ok)
            {
                continue;
            }

            if (i == 0 && response.Status == 429)
            {
                return SlackAnswer.TryAgain("ratelimited", response.RetryAfter ?? TimeSpan.FromSeconds(1));
            }

            // Once something may have been said, nothing is said again.
            return i == 0 && response.Status is >= 400 and < 500
                ? null
                : new SlackAnswer(default, response.Error ?? "Slack did not take the whole answer.");
        }

        return new SlackAnswer(default);
    }

    /// <returns>Null when it was sealed with a key that is gone.</returns>
    private Uri? Open(string team, string url)
    {
        try
        {
            return Uri.TryCreate(box.OpenText(PlaceOf(team), url), UriKind.Absolute, out var address) ? address : null;
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException)
        {
            return null;
        }
    }

    private static SecretPlace PlaceOf(string team) => new("slack.slack_events", team, "response_url");
}
