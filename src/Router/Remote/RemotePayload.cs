using System.Globalization;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;
using Rookery.Router.Executions;
using Rookery.Router.Permissions;

namespace Rookery.Router.Remote;

/// <summary>
/// What a remote module is told about a call; the contract is in <c>docs/develop/remote-modules.md</c>. Never holds a
/// secret.
/// </summary>
internal sealed record RemotePayload(
    string Command,
    IReadOnlyList<string> Parameters,
    RemoteUser User,
    RemoteContext Context,
    string SessionId,
    Guid ExecutionId,
    long CommunityId,
    string EntityId,
    string UserId,
    string UserName,
    string? RawMessage,
    string TriggerType,
    string? EventType,
    JsonElement? EventData,
    JsonElement Config)
{
    /// <summary>The same as <see cref="Parameters"/>, by the other name modules know it under.</summary>
    public IReadOnlyList<string> Args => Parameters;

    public static RemotePayload Of(EventContext context, Execution execution, Permission? permission)
    {
        var (e, entity, member) = (context.Event, context.Entity, context.Member);
        var isEvent = execution.Trigger == "event";
        return new RemotePayload(
            execution.Command.Name,
            execution.Parameters,
            new RemoteUser(member.UserId, member.Name, member.Role),
            new RemoteContext(
                e.Channel.Platform, e.Channel.Server, e.Channel.Channel, entity.EntityId, entity.CommunityId, e.MessageId, e.OccurredAt),
            context.SessionId,
            execution.Id,
            entity.CommunityId,
            entity.EntityId,
            member.UserId,
            member.Name,
            e.Text,
            execution.Trigger,
            isEvent ? e.Type : null,
            isEvent && e.Payload is { } data ? StorableJson.Clean(data) : null,
            permission?.Config ?? PermissionTable.NoConfig);
    }

    /// <summary>
    /// For GET, which has no body: everything but <c>config</c> and <c>event_data</c>, one <c>args</c> for each word.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string?>> Query()
    {
        (string Name, string? Value)[] fields =
        [
            ("command", Command),
            .. Parameters.Select(word => ("args", (string?)word)),
            ("user_id", UserId),
            ("user_name", UserName),
            ("user_role", User.Role.Name()),
            ("platform", Context.Platform.Name()),
            ("server_id", Context.ServerId),
            ("channel_id", Context.ChannelId),
            ("message_id", Context.MessageId),
            ("timestamp", Context.Timestamp.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
            ("entity_id", EntityId),
            ("community_id", CommunityId.ToString(CultureInfo.InvariantCulture)),
            ("session_id", SessionId),
            ("execution_id", ExecutionId.ToString()),
            ("trigger_type", TriggerType),
            ("event_type", EventType),
            ("raw_message", RawMessage),
        ];
        return fields.Where(f => f.Value is not null).Select(f => KeyValuePair.Create(f.Name, f.Value));
    }
}

internal sealed record RemoteUser(string Id, string Name, Role Role);

internal sealed record RemoteContext(
    Platform Platform, string? ServerId, string ChannelId, string EntityId, long CommunityId, string? MessageId, DateTimeOffset Timestamp);
