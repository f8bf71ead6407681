using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rookery.Bench.Load;

/// <summary>Prepared requests with real chat lines, spread over channels and users.</summary>
internal static class Messages
{
    /// <summary>
    /// Real chat lines where the data folder is at hand; a handful of made-up ones otherwise, and it says so.
    /// </summary>
    public static IReadOnlyList<string> Lines()
    {
        var file = Path.Combine(Repository.Root, "..", "shared", "data", "chat-lines", "ubuntu-irc.tsv");
        if (!File.Exists(file))
        {
            Console.Error.WriteLine("Real chat lines are missing; using made-up ones.");
            return ["hello there", "anyone knows how to install this?", "yes, look at the wiki first", "thanks :)", "what does the log say?"];
        }

        return [.. File.ReadLines(file).Select(l => l.Split('\t')).Where(p => p.Length == 2).Select(p => p[1]).Where(t => t.Length is > 0 and <= 2000)];
    }

    /// <summary>
    /// Whole HTTP requests. Each text is one message; <paramref name="messageId"/> makes them distinct where repeats
    /// must be known.
    /// </summary>
    public static byte[] Request(string key, string text, int channel, int user, string? messageId)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("platform", "discord");
            json.WriteString("server_id", "81384788765712384");
            json.WriteString(
                "channel_id", string.Create(CultureInfo.InvariantCulture, $"1991830964{channel:00000000}"));
            if (messageId is not null)
            {
                json.WriteString("message_id", messageId);
            }

            json.WriteString("message_type", "chatMessage");
            json.WriteString("user_id", string.Create(CultureInfo.InvariantCulture, $"5390883311{user:00000000}"));
            json.WriteString("user_name", string.Create(CultureInfo.InvariantCulture, $"member {user}"));
            json.WriteString("message_content", text);
            json.WriteEndObject();
        }

        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body.ToArray()];
    }
}
