using System.Text.Json.Serialization;
using NodaTime;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Streamers;

/// <summary>How one guild wants to hear of one streamer; see <see cref="Streamer"/>. What is left out is as at the beginning.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record StreamerSettings(
    bool? Enabled = null,
    string? CustomContent = null,
    string? ChannelId = null,
    TimeOnly? QuietFrom = null,
    TimeOnly? QuietTo = null,
    string? Filter = null,
    int? ReannounceMinutes = null,
    bool? LiveUpdate = null,
    string? OnEnd = null)
{
    public const int DefaultReannounce = 10;
    private const int MaxFilter = 1000;
    private const int MaxReannounce = 1440;

    public Checks Check(PostWriter writer, TimeProvider clock)
    {
        var checks = new Checks()
            .That(CustomContent is not "", "custom_content", "must not be empty; leave it out to use the template's content.")
            .Optional("custom_content", CustomContent, PostLimits.Content)
            .That((QuietFrom is null) == (QuietTo is null), "quiet_from", "goes with quiet_to: both or none.")
            .That(QuietFrom is null || QuietFrom != QuietTo, "quiet_to", "must be another time than quiet_from.")
            .Optional("filter", Filter, MaxFilter)
            .That(
                ReannounceMinutes is null or (>= 0 and <= MaxReannounce), "reannounce_minutes", $"must be 0 to {MaxReannounce}.")
            .That(OnEnd is null or "none" or "edit" or "delete", "on_end", "must be one of none, edit, delete.");
        if (CustomContent is { Length: > 0 } content && checks.Ok)
        {
            writer.Check(checks, "custom_content", content, DateTimeZone.Utc);
        }

        if (Filter is { } filter && FilterProblem(filter, clock) is { } problem)
        {
            checks.Fail("filter", problem);
        }

        return checks;
    }

    private static string? FilterProblem(string filter, TimeProvider clock)
    {
        if (!Expression.TryParse(filter, out var expression, out var errors))
        {
            return errors[0].Message;
        }

        var now = clock.GetUtcNow();
        return expression.Evaluate(StreamFacts.Sample(now, "").ForExpressions(now, DateTimeZone.Utc, clock)).Error?.Message;
    }
}
