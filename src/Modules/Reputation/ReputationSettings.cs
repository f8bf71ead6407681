using Rookery.Kernel.Settings;

namespace Rookery.Modules.Reputation;

internal static class ReputationSettings
{
    public static BoolSetting Enabled { get; } = new(
        "reputation", "enabled", true, "Whether what members do is scored. Off, scores stay as they are.");

    public static IntSetting TalkEvery { get; } = new(
        "reputation", "talk_every", 60, 0, 3600,
        "Seconds: what a member says is scored once in that time, so that nobody talks for points. 0: every line.");

    public static IntSetting LeaderboardSize { get; } = new(
        "reputation", "leaderboard_size", 10, 1, 25, "How many members !leaderboard shows unless told.");
}
