using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// What a client sends: <c>join</c> (channel, after) or <c>say</c> (text, user_id, user_name, role), each with an
/// optional ref.
/// </summary>
/// <param name="After">The position the client saw last: it gets what changed since. Null: the newest messages.</param>
/// <param name="Ref">Comes back in the answer; at most 100 characters.</param>
internal sealed record ClientFrame(
    string? Type, string? Channel, long? After, string? Text, string? UserId, string? UserName, string? Role, string? Ref)
{
    public const int MaxRef = 100;

    public Line Line => new(UserId, UserName, Role, Text);
}

/// <param name="Reset">
/// True: show <paramref name="Messages"/> instead of what you show. False: what changed since <c>after</c> follows.
/// </param>
/// <param name="Position">What to come back with until a message brings a later one.</param>
/// <param name="Messages">After a reset the newest messages, newest first; else none.</param>
/// <param name="NextCursor">Where the listing of messages goes on with older ones; null when there are none.</param>
internal sealed record JoinedFrame(
    string Channel, bool Reset, long Position, IReadOnlyList<SandboxMessage> Messages, string? NextCursor, string? Ref)
{
    public string Type => "joined";
}

/// <summary>A new message, or one that is deleted now; the client may not know the deleted one yet.</summary>
internal sealed record MessageFrame(SandboxMessage Message)
{
    public string Type => Message.DeletedAt is null ? "message" : "deleted";
}

/// <summary>The client's line is stored and what it caused is durable.</summary>
internal sealed record SaidFrame(
    string? Ref,
    long MessageId,
    Outcome Outcome,
    Guid? ExecutionId,
    string? Status,
    IReadOnlyList<ModuleResponse> Responses,
    string? Error)
{
    public string Type => "said";

    public static SaidFrame Of(string? @ref, SandboxMessage line, Routed r) =>
        new(@ref, line.Id, r.Outcome, r.ExecutionId, r.Status, r.Responses, r.Error);
}

/// <param name="Status">As the HTTP status of the same refusal.</param>
/// <param name="RetryAfter">Seconds, where trying again may help.</param>
internal sealed record ErrorFrame(
    int Status, string Detail, string? Ref = null, IReadOnlyList<FieldError>? Errors = null, double? RetryAfter = null)
{
    public string Type => "error";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClientFrame))]
[JsonSerializable(typeof(JoinedFrame))]
[JsonSerializable(typeof(MessageFrame))]
[JsonSerializable(typeof(SaidFrame))]
[JsonSerializable(typeof(ErrorFrame))]
[JsonSerializable(typeof(NewChannel))]
[JsonSerializable(typeof(Line))]
[JsonSerializable(typeof(Spoken))]
[JsonSerializable(typeof(Page<SandboxChannel>))]
[JsonSerializable(typeof(Page<SandboxMessage>))]
internal sealed partial class SandboxJson : JsonSerializerContext;
