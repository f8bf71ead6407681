using System.Collections.Concurrent;
using System.Text.Json;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>The channels in which the bot talks with one person. Discord has one for each, which stays the same.</summary>
/// <remarks>Source: Discord developer documentation, User resource, Create DM.</remarks>
internal sealed class DirectChannels(DiscordRest rest)
{
    private const int MostKept = 50_000;
    private const int TooFast = 40003;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <returns>The channel's id, or why there is none.</returns>
    public async Task<(string? Channel, Sent? Refusal)> OpenAsync(string user, CancellationToken ct)
    {
        if (user.Length == 0 || !user.All(char.IsAsciiDigit))
        {
            return (null, Sent.Failed($"\"{user}\" is no id of a Discord user; it is a number."));
        }

        if (_known.TryGetValue(user, out var known))
        {
            return (known, null);
        }

        var answer = await rest.CallAsync(
            Call.Of(HttpMethod.Post, "users/@me/channels", "", "users/@me/channels", new DirectRequest(user), DiscordJson.Default.DirectRequest), ct);
        if (RestAnswer.Tell(answer) is { Ok: false } refusal)
        {
            return (null, RestAnswer.CodeOf(answer) == TooFast ? Sent.TryAgain(refusal.Error!, Pause) : refusal);
        }

        if (_known.Count >= MostKept)
        {
            _known.Clear();
        }

        return (_known[user] = JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.MessageAnswer)!.Id, null);
    }
}

internal sealed record DirectRequest(string RecipientId);
