using System.Globalization;
using NodaTime;
using NodaTime.Extensions;
using Rookery.Kernel.Expressions;

namespace Rookery.Modules.LivePosts.Templates;

/// <summary>What a post can tell of a stream.</summary>
/// <param name="ThumbnailUrl">With its size filled in.</param>
/// <param name="MentionRole">As the platform writes a mention; empty: nobody is mentioned.</param>
internal sealed record StreamFacts(
    string Login,
    string DisplayName,
    string? AvatarUrl,
    string Title,
    string Game,
    int Viewers,
    string? ThumbnailUrl,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt = null,
    string? VodUrl = null,
    string MentionRole = "")
{
    /// <summary>Every variable of a template.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "streamer_login", "streamer_display_name", "streamer_avatar_url", "stream_title", "game_name", "viewer_count",
        "stream_thumbnail_url", "started_at", "mention_role",
    ];

    /// <summary>A stream to try a template with; its texts are as long as Twitch's can be.</summary>
    public static StreamFacts Sample(DateTimeOffset now, string mentionRole) => new(
        "quiet_owl_plays_chess_on",
        "Quiet_Owl_Plays_Chess_On_",
        "https://static-cdn.jtvnw.net/jtv_user_pictures/sample-300x300.png",
        new string('t', 140),
        "The Legend of the Very Long Name of a Game That Somebody Plays",
        123_456,
        "https://static-cdn.jtvnw.net/previews-ttv/live_user_sample-1920x1080.jpg",
        now.AddHours(-2),
        MentionRole: mentionRole);

    public string Of(string variable) => variable switch
    {
        "streamer_login" => Login,
        "streamer_display_name" => DisplayName,
        "streamer_avatar_url" => AvatarUrl ?? "",
        "stream_title" => Title,
        "game_name" => Game,
        "viewer_count" => Viewers.ToString(CultureInfo.InvariantCulture),
        "stream_thumbnail_url" => ThumbnailUrl ?? "",
        "started_at" => Iso(StartedAt),
        "mention_role" => MentionRole,
        _ => throw new ArgumentOutOfRangeException(nameof(variable), variable, "is no variable."),
    };

    /// <summary>The same names for expressions; the count is a number there.</summary>
    public Evaluation ForExpressions(DateTimeOffset now, DateTimeZone zone, TimeProvider clock)
    {
        var names = new ObjectBuilder();
        foreach (var name in Names)
        {
            names.Set(name, Of(name));
        }

        names.Set("viewer_count", (long)Viewers)
            .Set("ended_at", EndedAt is { } end ? Iso(end) : Value.Null)
            .Set("vod_url", VodUrl ?? "")
            .Set("live_minutes", (long)((EndedAt ?? now) - StartedAt).TotalMinutes);
        return new Evaluation(new Scope(names.Build()), now.ToInstant(), zone, 0, new Budget(Limits.Default, clock));
    }

    private static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
