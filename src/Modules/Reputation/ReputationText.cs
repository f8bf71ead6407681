using System.Globalization;

namespace Rookery.Modules.Reputation;

/// <summary>How scores read in chat.</summary>
internal static class ReputationText
{
    public static string Points(decimal points) => points == 1
        ? "1 point"
        : string.Create(CultureInfo.InvariantCulture, $"{points:0.##} points");

    public static string Line(Standing s) =>
        string.Create(CultureInfo.InvariantCulture, $"{s.Rank}. {s.UserName} – {Points(s.Score)}");

    public static string Line(ScoreEvent e)
    {
        var why = e.Reason is { } reason ? $" ({reason})" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{e.CreatedAt:yyyy-MM-dd HH:mm} {e.ActivityType} {e.Points:+0.##;-0.##} → {e.NewScore:0.##}{why}");
    }
}
