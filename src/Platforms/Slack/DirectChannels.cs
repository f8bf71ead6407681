using System.Collections.Concurrent;

namespace Rookery.Platforms.Slack;

/// <summary>The channels in which the bot talks with one person. Slack has one for each, which stays the same.</summary>
/// <remarks>Source: Slack, conversations.open; needs the scope im:write.</remarks>
internal sealed class DirectChannels(WorkspaceCalls calls)
{
    public const string Method = "conversations.open";

    private const int MostKept = 50_000;

    private readonly ConcurrentDictionary<(string Team, string User), string> _known = new();

    /// <returns>The channel's id; null: the answer says why there is none.</returns>
    public async Task<(string? Channel, SlackAnswer Answer)> OpenAsync(string team, string user, CancellationToken ct)
    {
        if (_known.TryGetValue((team, user), out var known))
        {
            return (known, new SlackAnswer(default));
        }

        // Several, separated by commas, would be a talk of several people.
        var answer = user.Length > 0 && user.All(char.IsAsciiLetterOrDigit)
            ? await calls.AskAsync(Method, team, new Dictionary<string, string>(StringComparer.Ordinal) { ["users"] = user }, ct)
            : new SlackAnswer(default, "user_not_found");
        if (!answer.Ok || answer.Body.Text("channel", "id") is not { } channel)
        {
            return (null, answer.Ok ? new SlackAnswer(default, "no_channel") : answer);
        }

        if (_known.Count >= MostKept)
        {
            _known.Clear();
        }

        return (_known[(team, user)] = channel, answer);
    }
}
