using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Rookery.Platforms.Twitch.EventSub;

/// <summary>
/// What tells a repeat of an event without an id of its own: what it says, and when Twitch told it. Two subscriptions, as
/// while a channel passes from node to node, tell the same under two message ids a moment apart.
/// </summary>
/// <param name="Id">For the slice of time in which it was told.</param>
/// <param name="Near">For the slice next to it: a repeat across the border has this one.</param>
internal sealed record ContentKey(string Id, string Near)
{
    /// <summary>Types that can be told again in the same words soon, and truly have happened again.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "channel.cheer", "channel.raid", "channel.subscribe", "channel.subscription.gift", "channel.subscription.message",
        "channel.unban", "channel.moderator.add", "channel.moderator.remove", "stream.offline", "channel.update",
        "channel.hype_train.progress",
    };

    /// <param name="at">When Twitch told it, by the message's own time.</param>
    /// <returns>
    /// Null for a type with an id of its own. Two keys of the same words meet when they were told within half a slice (2 s for
    /// cheers, 5 s for others) and never when they were told more than a slice and a half apart.
    /// </returns>
    public static ContentKey? Of(string type, JsonElement e, DateTimeOffset at)
    {
        if (!Types.Contains(type) || e.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var slice = type == "channel.cheer" ? Short : Long;
        var (number, into) = Math.DivRem(at.ToUnixTimeMilliseconds(), (long)slice.TotalMilliseconds);
        var beside = into < slice.TotalMilliseconds / 2 ? number - 1 : number + 1;
        var hash = Hash(e);
        return new ContentKey(Name(number), Name(beside));

        string Name(long which) => $"{type}:{hash}:{which.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>Of the fields in the order of their names: however they are written, they say the same.</summary>
    private static string Hash(JsonElement e)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var field in e.EnumerateObject().OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                field.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan)[..16]);
    }
}
