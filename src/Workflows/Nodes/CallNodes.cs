using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Signing;

namespace Rookery.Workflows.Nodes;

/// <summary>Something to be done outside, worked out.</summary>
/// <param name="Inputs">As the row shows it.</param>
internal abstract record Call(Value Inputs, TimeSpan Timeout);

/// <param name="SecretName">Of the community's secret that signs the body; null: it is not signed.</param>
internal sealed record HttpCall(
    Value Inputs, TimeSpan Timeout, string Method, string Url, IReadOnlyDictionary<string, string> Headers, string? Body, string? SecretName, string OutputVariable)
    : Call(Inputs, Timeout);

internal sealed record ModuleCall(
    Value Inputs, TimeSpan Timeout, string Command, string Arguments, IReadOnlyDictionary<string, string> OutputMapping)
    : Call(Inputs, Timeout);

[Description("Calls a web address. Gives status, body, json and headers in a variable.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WebhookNode : CallNode
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private Field<Template> _url;
    private Field<Template> _body;
    private IReadOnlyList<(string Name, Field<Template> Value)> _headers = [];

    [Description("The address, http or https; {{ … }} is filled in.")]
    public string? Url { get; set; }

    [Description("GET, POST, PUT, PATCH or DELETE.")]
    public string Method { get; set; } = "POST";

    [Description("Headers by name; {{ … }} is filled in.")]
    public IReadOnlyDictionary<string, string?> Headers { get; set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    [Description("What is sent; {{ … }} is filled in. A template that is one expression sends its value as JSON.")]
    public string? BodyTemplate { get; set; }

    [Description("The variable that gets the answer.")]
    public string OutputVariable { get; set; } = "response";

    [Description("How often it is tried again when it fails for a reason that may pass.")]
    [Range(0, 10)]
    public int RetryCount { get; set; }

    [Range(1, 60)]
    public int TimeoutSeconds { get; set; } = 10;

    [Description("The name of a secret of the community, which signs each call: X-Rookery-Signature holds the HMAC-SHA256 of the timestamp, a dot and the body.")]
    public string? SecretName { get; set; }

    [Description("Not to be used: a secret does not belong into a definition. Store it, and name it in secret_name.")]
    public string? Secret { get; set; }

    [JsonIgnore]
    public override bool IsIdempotent => Method is "GET" or "PUT" or "DELETE";

    [JsonIgnore]
    public override int Retries => RetryCount;

    public override void Bind(Binder binder)
    {
        _url = binder.Template("url", Url, isRequired: true);
        var fixedPart = (Url ?? "").Split("{{", 2)[0];
        binder.That(
                fixedPart.Length == 0 || fixedPart.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || fixedPart.StartsWith("https://", StringComparison.OrdinalIgnoreCase),
                "url",
                "bad_url",
                "must begin with http:// or https://.")
            .OneOf("method", Method, Methods)
            .That(SecretName is null || SecretEndpoints.Name().IsMatch(SecretName), "secret_name", "bad_name", "must be the name of a secret: letters, digits, - and _.")
            .That(
                Secret is null,
                "secret",
                "literal_secret",
                "would be read by everybody who sees the definition: store it with PUT …/workflows/secrets/{name}, name it in secret_name, and leave this out.")
            .That(Headers.Count <= 30, "headers", "too_many", "at most 30 are allowed.");
        _headers = [.. Headers.Select(h => (h.Key, binder.Template($"headers.{h.Key}", h.Value)))];
        _body = binder.Template("body_template", BodyTemplate);
        binder.Variable("output_variable", OutputVariable);
    }

    public override Call? Prepare(NodeContext context)
    {
        var (url, body) = (context.Text(_url), context.Value(_body));
        var headers = _headers.ToDictionary(h => h.Name, h => context.Text(h.Value), StringComparer.OrdinalIgnoreCase);
        var text = body.Kind is ValueKind.List or ValueKind.Object ? body.ToJson() : body.ToText();
        return context.Error is not null ? null : new HttpCall(
            Value.Object(("method", Method), ("url", url), ("body", text)), TimeSpan.FromSeconds(TimeoutSeconds), Method, url, headers, Method == "GET" ? null : text, SecretName, OutputVariable);
    }
}

[Description("Calls a command of a module, as if it had been typed where the run began. Gives what it answered.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ModuleNode : CallNode
{
    private Field<Template> _arguments;
    private IReadOnlyList<(string Name, Field<Template> Value)> _inputs = [];

    [Description("The command, such as quote.")]
    public string? ModuleName { get; set; }

    [Description("Only latest is known.")]
    public string ModuleVersion { get; set; } = "latest";

    [Description("What is typed after the command; {{ … }} is filled in.")]
    public string? Arguments { get; set; }

    [Description("Words that are appended, by name, each from an expression.")]
    public IReadOnlyDictionary<string, string?> InputMapping { get; set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    [Description("The variable for each field of the answer: text, success, data, responses.")]
    public IReadOnlyDictionary<string, string> OutputMapping { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["text"] = "module_text", ["success"] = "module_success" };

    [Range(1, 300)]
    public int TimeoutSeconds { get; set; } = 30;

    public override void Bind(Binder binder)
    {
        binder.That(!string.IsNullOrWhiteSpace(ModuleName), "module_name", "required", "must name a command.")
            .That(ModuleVersion == "latest", "module_version", "unknown_value", "must be latest.");
        _arguments = binder.Template("arguments", Arguments);
        _inputs = [.. InputMapping.Select(m => (m.Key, binder.Expression($"input_mapping.{m.Key}", m.Value)))];
        foreach (var (field, variable) in OutputMapping)
        {
            binder.OneOf($"output_mapping.{field}", field, ["text", "success", "data", "responses"]);
            binder.Variable($"output_mapping.{field}", variable);
        }
    }

    public override Call? Prepare(NodeContext context)
    {
        var words = new List<string> { context.Text(_arguments) };
        words.AddRange(_inputs.Select(i => Quote(context.Value(i.Value).ToText())));
        var line = string.Join(' ', words.Where(w => w.Length > 0));
        return context.Error is not null ? null : new ModuleCall(
            Value.Object(("command", ModuleName!), ("arguments", line)), TimeSpan.FromSeconds(TimeoutSeconds), ModuleName!, line, OutputMapping);
    }

    private static string Quote(string word) => word.Any(char.IsWhiteSpace) || word.Length == 0 ? $"\"{word.Replace('"', '\'')}\"" : word;
}
