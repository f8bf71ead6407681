using System.Globalization;
using Npgsql;
using Rookery.Kernel.Delivery;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>A post that stands and shows an older state of its stream.</summary>
internal sealed record PostedRow(
    Guid Id,
    Following For,
    StreamFacts Facts,
    string MessageId,
    int Version,
    int ShownVersion,
    bool LiveUpdate,
    string OnEnd,
    DateTimeOffset? EditAfter)
{
    private const int StreamAt = Following.Width;
    private const int OwnAt = StreamAt + StreamRow.Width;

    /// <summary>Of the first edit of a post that goes on with a stream that broke off.</summary>
    public const string FirstEdit = "live:on:";

    public const string LaterEdit = "live:edit:";

    /// <summary>Another one when the same edit is made again.</summary>
    public string EditKey => string.Create(
        CultureInfo.InvariantCulture, $"{(ShownVersion == 0 ? FirstEdit : LaterEdit)}{Id:N}:{Version}:{EditAfter?.ToUnixTimeMilliseconds()}");

    public static PostedRow Read(NpgsqlDataReader r) => new(
        r.GetGuid(OwnAt),
        Following.Read(r) with { ChannelId = r.GetString(OwnAt + 2) },
        StreamRow.Read(r, StreamAt).Facts,
        r.GetString(OwnAt + 1),
        r.GetInt32(OwnAt + 3),
        r.GetInt32(OwnAt + 4),
        r.GetBoolean(OwnAt + 5),
        r.GetString(OwnAt + 6),
        r.IsDBNull(OwnAt + 7) ? null : r.GetFieldValue<DateTimeOffset>(OwnAt + 7));

    /// <summary>What is to be done to the post; null: the guild wants it left as it is.</summary>
    public OutboundAction? Action(PostWriter writer)
    {
        var isOver = Facts.EndedAt is not null;
        return isOver && OnEnd == "delete" ? new DeleteMessage(For.Channel, MessageId, "The stream is over.")
            : isOver ? OnEnd == "edit" ? Edit(writer) : null
            : LiveUpdate || ShownVersion == 0 ? Edit(writer)
            : null;
    }

    private EditMessage Edit(PostWriter writer)
    {
        var post = writer.Write(writer.Parse(For.Template), For.CustomContent, Facts with { MentionRole = For.Mention }, For.TimeZone);
        var shown = Facts.EndedAt is null ? post : post with { Content = PostMessage.Ended(Facts) };
        return new EditMessage(For.Channel, MessageId, PostMessage.Of(For.Platform, shown, For.BellButton));
    }
}
