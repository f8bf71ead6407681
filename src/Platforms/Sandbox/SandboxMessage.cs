using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Sandbox;

internal sealed record SandboxChannel(
    string Name, string Title, DateTimeOffset? LastMessageAt, DateTimeOffset CreatedAt);

/// <param name="Position">Of the latest change of the message; what a client comes back with as <c>after</c>.</param>
/// <param name="ReplyTo">The message this one answers.</param>
/// <param name="Mention">User id of whom a bot message addresses.</param>
/// <param name="Action">chat, media, ticker, general or form.</param>
/// <param name="Response">A bot message's whole answer, as in <c>module_responses</c>.</param>
internal sealed record SandboxMessage(
    long Id,
    string Channel,
    long Position,
    string AuthorId,
    string AuthorName,
    Role AuthorRole,
    bool IsBot,
    string Body,
    long? ReplyTo,
    string? Mention,
    string? MentionName,
    string Action,
    JsonElement? Response,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DeletedAt,
    string? DeletedReason);

/// <summary>A channel somebody asks for.</summary>
/// <param name="Name">1–50 of a–z, 0–9, - and _; begins with a letter or digit.</param>
/// <param name="Title">What people see; the name unless told.</param>
internal sealed record NewChannel(string? Name, string? Title)
{
    private const int MaxName = 50;
    private const int MaxTitle = 100;

    public Checks Check() => new Checks()
        .That(
            Name is { Length: >= 1 and <= MaxName } && char.IsAsciiLetterOrDigit(Name[0])
                && Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'),
            "name",
            $"must have 1 to {MaxName} of a-z, 0-9, - and _, and begin with a letter or a digit; for example quiet-corner.")
        .Optional("title", Title, MaxTitle)
        .That(Title is not "", "title", "must not be empty; leave it out to use the name.");
}

/// <summary>What somebody says, and as whom. The sandbox vouches for any role: it is the place to try them.</summary>
/// <param name="Text">1–2000 characters.</param>
/// <param name="Role">member, vip, subscriber, moderator, admin or owner; member unless told.</param>
internal sealed record Line(string? UserId, string? UserName, string? Role, string? Text)
{
    private const int MaxName = 255;
    private const int MaxText = 2000;

    public Role ActingRole => Roles.TryParse(Role, out var role) ? role : default;

    public Checks Check() => new Checks()
        .Text("user_id", UserId, MaxName)
        .Text("user_name", UserName, MaxName)
        .That(Role is null || Roles.TryParse(Role, out _), "role", $"must be one of {string.Join(", ", Roles.All)}.")
        .Text("text", Text, MaxText);
}

/// <summary>A stored line and what came of it.</summary>
internal sealed record Spoken(
    SandboxMessage Message,
    Guid EventId,
    string EntityId,
    string SessionId,
    Outcome Outcome,
    Guid? ExecutionId,
    string? Status,
    IReadOnlyList<ModuleResponse> Responses,
    string? Error)
{
    public static Spoken Of(SandboxMessage message, Routed r) =>
        new(message, r.EventId, r.EntityId, r.SessionId, r.Outcome, r.ExecutionId, r.Status, r.Responses, r.Error);
}
