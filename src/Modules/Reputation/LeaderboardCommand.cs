using System.Globalization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Settings;

namespace Rookery.Modules.Reputation;

/// <summary><c>!leaderboard</c>: who has most points.</summary>
internal sealed class LeaderboardCommand(ScoreStore store, SettingsStore settings) : ICommand
{
    private const int Most = 25;

    public static CommandSpec Spec { get; } = new("leaderboard", "Shows who has most points here.")
    {
        Aliases = ["top"],
        Usage = ["", "<how many>"],
        RateLimit = 30,
    };

    public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct)
    {
        var limit = await settings.GetAsync(ReputationSettings.LeaderboardSize, call.Community, ct);
        if (call.Arguments is [var given, ..]
            && (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > Most))
        {
            return Reply.Refuse($"How many must be from 1 to {Most}: !leaderboard 5");
        }

        var leaders = await store.LeadersAsync(call.Community, limit, ct);
        return Reply.Text(leaders.Count == 0
            ? "Nobody has points here yet."
            : string.Join('\n', leaders.Select(ReputationText.Line)));
    }
}
