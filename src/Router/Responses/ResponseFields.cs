using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Router.Responses;

/// <summary>One answer of a remote module as it comes over the wire, at once or later.</summary>
internal record ResponseFields
{
    private const int MaxText = 5000;
    private const int MaxContent = 20_000;
    private const int MaxTitle = 200;
    private const int MaxTicker = 500;
    private const int MaxDuration = 3600;
    private const int DefaultDuration = 10;
    private const int MaxUrl = 2048;
    private const string DefaultMethod = "POST";

    private static readonly string[] Actions = ["chat", "media", "ticker", "general", "form"];
    private static readonly string[] MediaTypes = ["music", "video", "image"];
    private static readonly string[] ContentTypes = ["html", "form", "announcement", "alert"];
    private static readonly string[] SubmitMethods = ["POST", "PUT", "PATCH", "GET"];

    public bool? Success { get; init; }

    /// <summary>chat, media, ticker, general or form.</summary>
    public string? ResponseAction { get; init; }

    public string? ChatMessage { get; init; }

    /// <summary>music, video or image.</summary>
    public string? MediaType { get; init; }

    public string? MediaUrl { get; init; }

    public string? TickerText { get; init; }

    /// <summary>Seconds, 1 to 3600; 10 unless told.</summary>
    public int? TickerDuration { get; init; }

    /// <summary>html, form, announcement or alert.</summary>
    public string? ContentType { get; init; }

    public string? Content { get; init; }

    /// <summary>Seconds, 1 to 3600; 10 unless told.</summary>
    public int? Duration { get; init; }

    public JsonElement? Style { get; init; }

    public string? FormTitle { get; init; }

    public string? FormDescription { get; init; }

    public IReadOnlyList<FormField?>? FormFields { get; init; }

    public string? FormSubmitUrl { get; init; }

    public string? FormSubmitMethod { get; init; }

    public string? FormCallbackUrl { get; init; }

    /// <summary>What else belongs to it, such as a song's title and artist.</summary>
    public JsonElement? ResponseData { get; init; }

    /// <summary>Why <see cref="Success"/> is false; said in chat when there is no <see cref="ChatMessage"/>.</summary>
    public string? ErrorMessage { get; init; }

    public int? ProcessingTimeMs { get; init; }

    public void Check(Checks checks)
    {
        CheckOneOf(checks, "response_action", ResponseAction, Actions);
        checks.Optional("error_message", ErrorMessage, MaxText)
            .That(ProcessingTimeMs is null or >= 0, "processing_time_ms", "must not be negative.");
        CheckObject(checks, "response_data", ResponseData);
        switch (ResponseAction)
        {
            case "chat":
                checks.Text("chat_message", ChatMessage ?? (Success == false ? ErrorMessage : null), MaxText);
                CheckContent(checks);
                break;
            case "media":
                CheckOneOf(checks, "media_type", MediaType, MediaTypes);
                CheckUrl(checks, "media_url", MediaUrl, required: true);
                break;
            case "ticker":
                checks.Text("ticker_text", TickerText, MaxTicker);
                CheckDuration(checks, "ticker_duration", TickerDuration);
                break;
            case "general":
                CheckOneOf(checks, "content_type", ContentType, ContentTypes);
                checks.Text("content", Content, MaxContent);
                CheckDuration(checks, "duration", Duration);
                CheckObject(checks, "style", Style);
                break;
            case "form":
                CheckForm(checks);
                break;
        }
    }

    /// <summary>The answer as it is stored; only after <see cref="Check"/> found nothing.</summary>
    public ModuleResponse ToResponse(string module)
    {
        var response = new ModuleResponse(
            module, Success ?? true, ResponseAction!, ResponseData: ResponseData, ErrorMessage: ErrorMessage);
        return ResponseAction switch
        {
            "chat" => response with { ChatMessage = ChatMessage ?? ErrorMessage },
            "media" => response with { MediaType = MediaType, MediaUrl = MediaUrl },
            "ticker" => response with { TickerText = TickerText, TickerDuration = TickerDuration ?? DefaultDuration },
            "general" => response with
            {
                ResponseData = Data(
                    ("content_type", ContentType), ("content", Content), ("duration", Duration ?? DefaultDuration), ("style", Node(Style))),
            },
            _ => response with
            {
                ResponseData = Data(
                    ("form_title", FormTitle),
                    ("form_description", FormDescription),
                    (
                        "form_fields",
                        JsonSerializer.SerializeToNode(FormFields!, RouterJson.Default.IReadOnlyListFormField)),
                    ("form_submit_url", FormSubmitUrl),
                    ("form_submit_method", FormSubmitMethod ?? DefaultMethod),
                    ("form_callback_url", FormCallbackUrl)),
            },
        };
    }

    private void CheckContent(Checks checks)
    {
        try
        {
            RichContent.Of(ResponseData)?.Check(checks, "response_data");
        }
        catch (JsonException e)
        {
            checks.Fail("response_data", $"holds embeds or components of another form: {e.Message}");
        }
    }

    private void CheckForm(Checks checks)
    {
        checks.Text("form_title", FormTitle, MaxTitle).Optional("form_description", FormDescription, MaxText);
        CheckOneOf(checks, "form_submit_method", FormSubmitMethod ?? DefaultMethod, SubmitMethods);
        CheckUrl(checks, "form_submit_url", FormSubmitUrl, required: false);
        CheckUrl(checks, "form_callback_url", FormCallbackUrl, required: false);
        FormField.Check(checks, FormFields);
    }

    private static void CheckOneOf(Checks checks, string field, string? value, string[] known) =>
        checks.That(
            known.Contains(value, StringComparer.Ordinal), field, $"must be one of {string.Join(", ", known)}.");

    private static void CheckDuration(Checks checks, string field, int? seconds) =>
        checks.That(seconds is null or (>= 1 and <= MaxDuration), field, $"must be 1 to {MaxDuration} seconds.");

    private static void CheckObject(Checks checks, string field, JsonElement? json) => checks
        .That(json is null or { ValueKind: JsonValueKind.Object }, field, "must be an object.")
        .That(
            json is null || StorableJson.Is(json.Value),
            field,
            "holds U+0000, half of a surrogate pair or a number that is too large, which cannot be stored; remove it.");

    /// <summary>
    /// These are opened by somebody's browser and not by this server, so a private address is none of our business.
    /// </summary>
    private static void CheckUrl(Checks checks, string field, string? url, bool required)
    {
        if (url is not null || required)
        {
            var isWeb = Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https";
            checks.Text(field, url, MaxUrl).That(url is null || isWeb, field, "must be an absolute http or https URL.");
        }
    }

    /// <summary>
    /// The fields that the table has no columns for go into <c>response_data</c>, on top of what the module put there.
    /// </summary>
    private JsonElement Data(params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var data = ResponseData is { } given ? JsonObject.Create(given)! : [];
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                data[name] = value;
            }
        }

        return JsonElement.Parse(data.ToJsonString());
    }

    private static JsonNode? Node(JsonElement? json) => json is { } element ? JsonObject.Create(element) : null;
}
