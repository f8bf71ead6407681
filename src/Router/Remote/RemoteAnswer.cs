using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;
using Rookery.Router.Responses;

namespace Rookery.Router.Remote;

/// <summary>
/// What a remote module may answer with: one answer, a list of them under <c>responses</c>, or just a text under
/// <c>response</c>, <c>message</c> or <c>text</c>.
/// </summary>
internal sealed record RemoteAnswer : ResponseFields
{
    private const int MaxResponses = 20;
    private const int MaxPlainText = 2000;

    public IReadOnlyList<ResponseFields?>? Responses { get; init; }

    public string? Response { get; init; }

    public string? Message { get; init; }

    public string? Text { get; init; }

    /// <summary>Reads the answer of a successful call.</summary>
    /// <returns>The replies in order, or what is wrong with the answer.</returns>
    public static (IReadOnlyList<ModuleResponse> Responses, string? Error) Read(string module, GuardedResponse answer)
    {
        var body = answer.Body.Trim();
        if (body.Length == 0)
        {
            return ([], null);
        }

        if (!SaysJson(answer) && body[0] != '{')
        {
            return ([Plain(module, body)], null);
        }

        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind switch
            {
                JsonValueKind.Null => ([], null),
                JsonValueKind.String => ([Plain(module, json.RootElement.GetString()!)], null),
                JsonValueKind.Object => json.RootElement.Deserialize(RouterJson.Default.RemoteAnswer)!.Read(module),
                _ => ([], "The module's answer must be a JSON object."),
            };
        }
        catch (JsonException) when (!SaysJson(answer))
        {
            return ([Plain(module, body)], null);
        }
        catch (JsonException e) when (e.Path is { Length: > 1 } path)
        {
            return ([], $"The module's answer is malformed: {path[2..]} is not of the right type.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ([], "The module's answer is not well-formed JSON.");
        }
    }

    private (IReadOnlyList<ModuleResponse> Responses, string? Error) Read(string module)
    {
        if (Responses is { Count: > MaxResponses })
        {
            return ([], $"The module's answer is malformed: responses holds more than {MaxResponses}.");
        }

        var checks = new Checks();
        var all = Responses ?? (Single() is { } one ? [one] : []);
        var replies = new List<ModuleResponse>();
        foreach (var fields in all)
        {
            var reply = fields ?? new ResponseFields();
            reply.Check(checks);
            if (checks.Ok)
            {
                replies.Add(reply.ToResponse(module));
            }
        }

        return checks.Ok
            ? (replies, null)
            : (
                [],
                $"The module's answer is malformed: {string.Join(' ', checks.Errors.Select(e => $"{e.Field} {e.Message}"))}");
    }

    private ResponseFields? Single()
    {
        if (ResponseAction is not null)
        {
            return this;
        }

        var text = ChatMessage ?? Response ?? Message ?? Text ?? (Success == false ? ErrorMessage : null);
        return string.IsNullOrWhiteSpace(text) ? null : this with { ResponseAction = "chat", ChatMessage = text };
    }

    private static bool SaysJson(GuardedResponse answer)
    {
        var type = answer.Headers.GetValueOrDefault("Content-Type", "").Split(';')[0].Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static ModuleResponse Plain(string module, string text)
    {
        var length = Math.Min(text.Length, MaxPlainText);
        length -= length < text.Length && char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        return new ModuleResponse(module, true, "chat", ChatMessage: text[..length].Replace('\0', '\uFFFD'));
    }
}
