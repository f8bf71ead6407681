using System.Text.Json;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

/// <summary>Messages in all their subtypes.</summary>
internal static class MessageDecoder
{
    /// <param name="read">Makes Slack's text readable.</param>
    public static Decoded Decode(Source source, JsonElement e, Func<string, string> read)
    {
        if (e.Text("channel") is not { } channel)
        {
            return Decoded.Ignored;
        }

        return e.Text("subtype") switch
        {
            null or "file_share" or "thread_broadcast" or "me_message" => Said(source, e, channel, read),
            "message_changed" => Changed(source, e, channel, read),
            "message_deleted" => Deleted(source, e, channel),
            _ => Decoded.Ignored,
        };
    }

    private static Decoded Said(Source source, JsonElement e, string channel, Func<string, string> read)
    {
        if (IsOfBot(e) || e.Text("user") is not { } user || e.Text("ts") is not { } ts)
        {
            return Decoded.Ignored;
        }

        // Slack reports a mention as a message and as a mention; both are the same words, so only one is talk.
        var isMention = e.Text("type") == "app_mention";
        var message = SlackIds.Message(channel, ts);
        return Decoded.Of(source.Event(isMention ? "app_mention" : MessageTypes.Chat, channel, user) with
        {
            MessageId = isMention ? $"mention:{message}" : message,
            Text = read(e.Text("text") ?? ""),
            IsInThread = e.Text("thread_ts") is { } thread && thread != ts,
            ReplyHandle = new ReplyPlace(Thread: e.Text("thread_ts")).ToHandle(),
        });
    }

    /// <summary>Slack also reports as changed what only got a preview or an answer.</summary>
    private static Decoded Changed(Source source, JsonElement e, string channel, Func<string, string> read)
    {
        if (e.At("message") is not { } now || IsOfBot(now) || now.Text("ts") is not { } ts || now.Text("user") is not { } user)
        {
            return Decoded.Ignored;
        }

        if (now.Text("subtype") == "tombstone")
        {
            return Gone(source, channel, ts, user);
        }

        var text = now.Text("text");
        return e.At("previous_message") is { } before && before.Text("text") == text
            ? Decoded.Ignored
            : Decoded.Of(source.Event("message_edit", channel, user) with
            {
                Text = text is null ? null : read(text),
                Fact = new MessageEdited(SlackIds.Message(channel, ts), text is null ? null : read(text)),
                ReplyHandle = new ReplyPlace(Thread: now.Text("thread_ts")).ToHandle(),
            });
    }

    private static Decoded Deleted(Source source, JsonElement e, string channel)
    {
        if (e.Text("deleted_ts") is not { } ts)
        {
            return Decoded.Ignored;
        }

        var before = e.At("previous_message");
        return before is { } b && IsOfBot(b)
            ? Decoded.Ignored
            : Gone(source, channel, ts, before?.Text("user") ?? source.Team);
    }

    private static Decoded Gone(Source source, string channel, string ts, string user) => Decoded.Of(
        source.Event("message_delete", channel, user) with { Fact = new MessageDeleted(SlackIds.Message(channel, ts)) });

    /// <summary>Bots are not answered, or two of them would never stop.</summary>
    private static bool IsOfBot(JsonElement message) =>
        message.Text("bot_id") is not null || message.Text("subtype") == "bot_message" || message.Text("user") == "USLACKBOT";
}
