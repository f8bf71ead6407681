using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

/// <summary>The channels of a workspace. Slack has no roles.</summary>
/// <remarks>Source: Slack, conversations.list, auth.test.</remarks>
internal sealed class SlackPlaces(WorkspaceCalls calls) : IServerPlaces
{
    private const int MostPages = 10;

    public Platform Platform => Platform.Slack;

    public async Task<ServerPlaces?> FindAsync(string server, CancellationToken ct)
    {
        var team = await calls.AskAsync("auth.test", server, new Dictionary<string, string>(StringComparer.Ordinal), ct);
        if (!team.Ok)
        {
            return null;
        }

        var places = new List<Place>();
        var cursor = "";
        for (var page = 0; page < MostPages && (page == 0 || cursor.Length > 0); page++)
        {
            var fields = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["types"] = "public_channel,private_channel",
                ["exclude_archived"] = "true",
                ["limit"] = "1000",
                ["cursor"] = cursor,
            };
            var answer = await calls.AskAsync("conversations.list", server, fields, ct);
            if (!answer.Ok)
            {
                return null;
            }

            places.AddRange(answer.Body.List("channels").Where(c => c.Text("id") is not null).Select(c => new Place(
                c.Text("id")!,
                c.Text("name") ?? c.Text("id")!,
                c.Says("is_member") ? null : "The bot is not in the channel; invite it there.")));
            cursor = answer.Body.Text("response_metadata", "next_cursor") ?? "";
        }

        return new ServerPlaces(team.Body.Text("team") ?? server, null, places, []);
    }
}
