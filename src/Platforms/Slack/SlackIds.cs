using System.Text.Json;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

/// <summary>How Slack's things are named here.</summary>
internal static class SlackIds
{
    /// <summary>A channel; what concerns a whole workspace stands under the workspace's id.</summary>
    public static ChannelId Channel(string team, string? channel) => new(Platform.Slack, team, channel ?? team);

    /// <summary>The workspace a payload is of; null when it names none.</summary>
    public static string? Team(JsonElement payload) =>
        payload.Text("team_id") ?? payload.Text("team", "id") ?? payload.Text("user", "team_id");

    /// <summary>A message: its time stamp is unique in its channel only.</summary>
    public static string Message(string channel, string ts) => $"{channel}/{ts}";

    /// <summary>The time stamp of a message id, by which Slack finds it in its channel.</summary>
    public static string Ts(string messageId) => messageId[(messageId.LastIndexOf('/') + 1)..];
}

/// <summary>Where an answer belongs; <see cref="InboundEvent.ReplyHandle"/> as text.</summary>
/// <param name="Thread">The thread's first message.</param>
/// <param name="Url">A response URL, sealed: good for five answers within 30 minutes.</param>
/// <param name="User">Whom to write directly when there is no channel.</param>
/// <param name="Trigger">Lets a form be opened, for three seconds.</param>
internal sealed record ReplyPlace(string? Thread = null, string? Url = null, string? User = null, string? Trigger = null)
{
    private const char Separator = '\n';

    public static ReplyPlace None { get; } = new();

    /// <returns>Null for the channel itself.</returns>
    public string? ToHandle() => this == None ? null : $"{Thread}{Separator}{Url}{Separator}{User}{Separator}{Trigger}";

    public static ReplyPlace Parse(string? handle) => handle?.Split(Separator) is [var thread, var url, var user, var trigger]
        ? new(NullIfEmpty(thread), NullIfEmpty(url), NullIfEmpty(user), NullIfEmpty(trigger))
        : None;

    private static string? NullIfEmpty(string part) => part.Length == 0 ? null : part;
}

/// <summary>
/// What travels with a form and comes back with what was filled in, as <c>private_metadata</c>: the place where its answer
/// belongs.
/// </summary>
internal static class FormPlace
{
    private const char Separator = '\n';

    public static string Write(string channel, ReplyPlace place) => $"{channel}{Separator}{(place with { Trigger = null }).ToHandle()}";

    /// <returns>No channel where there is none.</returns>
    public static (string? Channel, ReplyPlace Place) Read(string? metadata) =>
        metadata?.Split(Separator, 2) is [{ Length: > 0 } channel, var handle] ? (channel, ReplyPlace.Parse(handle)) : (null, ReplyPlace.None);
}
