using System.Globalization;
using Npgsql;
using Rookery.Kernel.Delivery;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>A post that stands and shows an older state of its stream, or is to go.</summary>
/// <param name="ShowsEnd">Also of a stream that goes on, because its end was none.</param>
/// <param name="IsClosed">The stream has ended indeed.</param>
internal sealed record PostedRow(
    Guid Id,
    Following For,
    StreamFacts Facts,
    string MessageId,
    int Version,
    int ShownVersion,
    bool LiveUpdate,
    string OnEnd,
    DateTimeOffset? EditAfter,
    int ReannounceMinutes,
    bool ShowsEnd,
    bool IsClosed)
{
    private const int StreamAt = Following.Width;
    private const int OwnAt = StreamAt + StreamRow.Width;

    /// <summary>Of the first edit of a post that goes on with a stream that broke off.</summary>
    public const string FirstEdit = "live:on:";

    public const string LaterEdit = "live:edit:";

    public const string Deletion = "live:delete:";

    /// <summary>A stream that begins again within the time is looked up first, which takes a minute.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>Within the day in which posts are edited.</summary>
    private static readonly TimeSpan Latest = TimeSpan.FromHours(23);

    /// <summary>Another one when the same edit is made again.</summary>
    public string EditKey(DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsToGo(now) ? Deletion : ShownVersion == 0 ? FirstEdit : LaterEdit)}{Id:N}:{Version}:{EditAfter?.ToUnixTimeMilliseconds()}");

    /// <summary>Once the stream cannot go on in this post any more; null: it stays.</summary>
    public DateTimeOffset? DeleteAt =>
        Facts.EndedAt is not { } end || OnEnd != "delete" ? null
        : ReannounceMinutes == 0 ? end
        : TimeSpan.FromMinutes(ReannounceMinutes) + Settling is var wait && wait < Latest ? end + wait
        : end + Latest;

    public bool IsToGo(DateTimeOffset now) => IsClosed && DeleteAt <= now;

    public static PostedRow Read(NpgsqlDataReader r) => new(
        r.GetGuid(OwnAt),
        Following.Read(r) with { ChannelId = r.GetString(OwnAt + 2) },
        StreamRow.Read(r, StreamAt).Facts,
        r.GetString(OwnAt + 1),
        r.GetInt32(OwnAt + 3),
        r.GetInt32(OwnAt + 4),
        r.GetBoolean(OwnAt + 5),
        r.GetString(OwnAt + 6),
        r.IsDBNull(OwnAt + 7) ? null : r.GetFieldValue<DateTimeOffset>(OwnAt + 7),
        r.GetInt32(OwnAt + 8),
        r.GetBoolean(OwnAt + 9),
        r.GetBoolean(OwnAt + 10));

    /// <summary>What is to be done to the post; null: the guild wants it left as it is.</summary>
    public OutboundAction? Action(PostWriter writer, DateTimeOffset now) =>
        IsToGo(now) ? new DeleteMessage(For.Channel, MessageId, "The stream is over.")
        : Facts.EndedAt is not null ? OnEnd != "none" ? Edit(writer) : null
        : LiveUpdate || ShowsEnd || ShownVersion == 0 ? Edit(writer)
        : null;

    private EditMessage Edit(PostWriter writer)
    {
        var post = writer.Write(writer.Parse(For.Template), For.CustomContent, Facts with { MentionRole = For.Mention }, For.TimeZone);
        var shown = Facts.EndedAt is null ? post : post with { Content = PostMessage.Ended(Facts) };
        return new EditMessage(For.Channel, MessageId, PostMessage.Of(For.Platform, shown, For.BellButton));
    }
}
