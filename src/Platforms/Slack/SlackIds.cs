using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

/// <summary>How Slack's things are named here.</summary>
internal static class SlackIds
{
    /// <summary>A channel; what concerns a whole workspace stands under the workspace's id.</summary>
    public static ChannelId Channel(string team, string? channel) => new(Platform.Slack, team, channel ?? team);

    /// <summary>A message: its time stamp is unique in its channel only.</summary>
    public static string Message(string channel, string ts) => $"{channel}/{ts}";

    /// <summary>The time stamp of a message id, by which Slack finds it in its channel.</summary>
    public static string Ts(string messageId) => messageId[(messageId.LastIndexOf('/') + 1)..];
}

/// <summary>Where an answer belongs; <see cref="InboundEvent.ReplyHandle"/> as text.</summary>
/// <param name="Thread">The thread's first message.</param>
/// <param name="Url">A response URL: good for five answers within 30 minutes.</param>
/// <param name="User">Whom to write directly when there is no channel.</param>
internal sealed record ReplyPlace(string? Thread = null, string? Url = null, string? User = null)
{
    private const char Separator = '\n';

    public static ReplyPlace None { get; } = new();

    public override string ToString() => $"{Thread}{Separator}{Url}{Separator}{User}";

    public static ReplyPlace Parse(string? handle) => handle?.Split(Separator) is [var thread, var url, var user]
        ? new(NullIfEmpty(thread), NullIfEmpty(url), NullIfEmpty(user))
        : None;

    private static string? NullIfEmpty(string part) => part.Length == 0 ? null : part;
}
