using System.Security.Cryptography;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Router.Responses;

/// <summary>An answer that comes after the call it belongs to.</summary>
internal sealed record LateResponse : ResponseFields
{
    private const int MaxName = 100;
    private const int MaxId = 200;

    public Guid? ExecutionId { get; init; }

    public string? SessionId { get; init; }

    public string? ModuleName { get; init; }

    /// <summary>
    /// The sender's own id of this answer: sent again, it is taken once. The header Idempotency-Key says the same.
    /// </summary>
    public string? ResponseId { get; init; }

    /// <param name="header">The header Idempotency-Key, where there is one.</param>
    public Checks Check(string? header)
    {
        var checks = new Checks()
            .That(ExecutionId is not null, "execution_id", "is required: the id from the call.")
            .Text("session_id", SessionId, MaxId)
            .Text("module_name", ModuleName, MaxName)
            .That(Success is not null, "success", "is required: true or false.")
            .Optional("response_id", ResponseId, MaxId)
            .Optional("Idempotency-Key", header, MaxId)
            .That(ResponseId is not "", "response_id", "must not be empty; leave it out when there is none.")
            .That(header is not "", "Idempotency-Key", "must not be empty; leave it out when there is none.")
            .That(
                ResponseId is null || header is null || ResponseId == header,
                "response_id",
                "differs from the header Idempotency-Key; send one of them.");
        Check(checks);
        return checks;
    }

    /// <summary>
    /// Tells a repeat from another answer under the same id; white space and the order of the answer's own fields do
    /// not matter.
    /// </summary>
    public byte[] Hash() =>
        SHA256.HashData(
            JsonSerializer.SerializeToUtf8Bytes(this with { ResponseId = null }, RouterJson.Default.LateResponse));
}

/// <summary>What the sender of a late answer gets.</summary>
internal sealed record ResponseReceipt(bool Success, string ResponseId);

/// <summary>One stored answer; fields as in the seed table <c>module_responses</c>.</summary>
internal sealed record ResponseView(
    long Id,
    string? ResponseId,
    Guid ExecutionId,
    string ModuleName,
    bool Success,
    string ResponseAction,
    JsonElement? ResponseData,
    string? MediaType,
    string? MediaUrl,
    string? TickerText,
    int? TickerDuration,
    string? ChatMessage,
    string? ErrorMessage,
    int? ProcessingTimeMs,
    DateTimeOffset CreatedAt);

/// <summary>The execution an answer belongs to, and where it is to be said.</summary>
internal sealed record Addressee(
    Guid ExecutionId,
    Guid EventId,
    string SessionId,
    long CommunityId,
    string EntityId,
    ChannelId Channel,
    string UserId,
    string UserName,
    string? MessageId,
    string? ReplyHandle);
