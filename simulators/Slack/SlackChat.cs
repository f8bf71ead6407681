using System.Globalization;
using System.Text.Json.Nodes;

namespace Rookery.Simulators.Slack;

/// <summary>Messages: posted, whispered, deleted and read back.</summary>
internal sealed class SlackChat(SlackSimulator slack, SlackState state, SlackActs acts)
{
    private const int MaxText = 40_000;
    private const int DefaultLimit = 100;

    public JsonObject Post(JsonObject fields)
    {
        if (Wrong(fields) is { } error)
        {
            return SlackWebApi.Error(error);
        }

        var text = SlackWebApi.Text(fields, "text") ?? "";
        var post = new SlackPost(
            SlackWebApi.Text(fields, "channel")!,
            state.Ts(),
            null,
            text[..Math.Min(text.Length, MaxText)],
            SlackWebApi.Text(fields, "thread_ts"),
            fields["metadata"]?.DeepClone());
        state.Add(post);
        acts.Show(post.Channel, post.Ts, fields["blocks"]);
        var person = state.Direct.GetValueOrDefault(post.Channel);
        slack.Ledger.Add(state.Now, "said", person ?? post.Channel, post.Ts, SlackWebApi.Seen(post.Text), isPrivate: person is not null);
        return new JsonObject { ["ok"] = true, ["channel"] = post.Channel, ["ts"] = post.Ts };
    }

    /// <summary>The channel of one person, whose messages stand in the ledger under the person's id.</summary>
    public JsonObject Open(JsonObject fields)
    {
        if (SlackWebApi.Text(fields, "users") is not { } user || !state.Users.ContainsKey(user))
        {
            return SlackWebApi.Error("user_not_found");
        }

        var channel = $"D{user}";
        state.Direct[channel] = user;
        return new JsonObject { ["ok"] = true, ["channel"] = new JsonObject { ["id"] = channel } };
    }

    /// <summary>A bot changes its own messages only.</summary>
    public JsonObject Update(JsonObject fields)
    {
        var ts = SlackWebApi.Text(fields, "ts") ?? "";
        if (Wrong(fields) is { } error)
        {
            return SlackWebApi.Error(error);
        }

        if (state.Find(SlackWebApi.Text(fields, "channel")!, ts) is not { } post)
        {
            return SlackWebApi.Error("message_not_found");
        }

        if (post.User is not null)
        {
            return SlackWebApi.Error("cant_update_message");
        }

        slack.Ledger.Add(state.Now, "edited", post.Channel, ts, SlackWebApi.Seen(SlackWebApi.Text(fields, "text") ?? ""));
        return new JsonObject { ["ok"] = true, ["channel"] = post.Channel, ["ts"] = ts };
    }

    public JsonObject Whisper(JsonObject fields)
    {
        if ((SlackWebApi.Text(fields, "user") is null ? "user_not_in_channel" : Wrong(fields)) is { } error)
        {
            return SlackWebApi.Error(error);
        }

        var ts = state.Ts();
        acts.Show(SlackWebApi.Text(fields, "channel")!, ts, fields["blocks"]);
        slack.Ledger.Add(
            state.Now,
            "whispered",
            SlackWebApi.Text(fields, "channel")!,
            ts,
            SlackWebApi.Seen(SlackWebApi.Text(fields, "text") ?? ""),
            isPrivate: true);
        return new JsonObject { ["ok"] = true, ["message_ts"] = ts };
    }

    /// <summary>A bot deletes its own messages; those of others take the token of an admin.</summary>
    public JsonObject Delete(JsonObject fields, bool isUser)
    {
        if (state.Find(SlackWebApi.Text(fields, "channel") ?? "", SlackWebApi.Text(fields, "ts") ?? "") is not { } post)
        {
            return SlackWebApi.Error("message_not_found");
        }

        if (post.User is not null && !isUser)
        {
            return SlackWebApi.Error("cant_delete_message");
        }

        state.Remove(post);
        slack.Ledger.Add(state.Now, "deleted", post.Channel, post.Ts, SlackWebApi.Seen(post.Text));
        return new JsonObject { ["ok"] = true, ["channel"] = post.Channel, ["ts"] = post.Ts };
    }

    public JsonObject History(JsonObject fields)
    {
        var oldest = decimal.Parse(SlackWebApi.Text(fields, "oldest") ?? "0", CultureInfo.InvariantCulture);
        var limit = int.Parse(SlackWebApi.Text(fields, "limit") ?? "100", CultureInfo.InvariantCulture);
        var withMetadata = SlackWebApi.Text(fields, "include_all_metadata") == "true";
        var thread = SlackWebApi.Text(fields, "ts");
        var posts = state.Posts(SlackWebApi.Text(fields, "channel") ?? "")
            .Where(p => decimal.Parse(p.Ts, CultureInfo.InvariantCulture) > oldest && (thread is null || p.Thread == thread || p.Ts == thread))
            .Reverse().ToList();
        return new JsonObject
        {
            ["ok"] = true,
            ["has_more"] = posts.Count > limit,
            ["messages"] = new JsonArray([.. posts.Take(limit == 0 ? DefaultLimit : limit).Select(p => new JsonObject
            {
                ["type"] = "message",
                ["ts"] = p.Ts,
                ["text"] = p.Text,
                ["metadata"] = withMetadata ? p.Metadata?.DeepClone() : null,
            })]),
        };
    }

    private string? Wrong(JsonObject fields)
    {
        var channel = SlackWebApi.Text(fields, "channel");
        var blocks = fields["blocks"] as JsonArray ?? [];
        return channel is null ? "channel_not_found"
            : state.Closed.ContainsKey(channel) ? "not_in_channel"
            : blocks.Count == 0 && string.IsNullOrEmpty(SlackWebApi.Text(fields, "text")) ? "no_text"
            : SlackBlocks.Wrong(blocks);
    }
}
