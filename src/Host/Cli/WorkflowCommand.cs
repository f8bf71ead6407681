using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rookery.Host.Cli;

/// <summary><c>rookery workflow</c>: validates, tests, runs and exports workflows on a running server.</summary>
internal static class WorkflowCommand
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Argument<string> File = new("file") { Description = "A workflow as JSON; - is the standard input or output." };
    private static readonly Option<string> Channel =
        new("--channel") { Description = "The channel it is for, as platform:server:channel.", DefaultValueFactory = _ => "sandbox:lobby" };
    private static readonly Option<string?> Variables = new("--variables") { Description = "What the run begins with, as a JSON object." };
    private static readonly Option<string?> Answers = new("--answers") { Description = "What calls are answered in a test, as JSON by the node's key." };
    private static readonly Option<string> Id = new("--id") { Description = "The workflow to export.", Required = true };
    private static readonly Option<string?> Url = new("--url") { Description = "Address of a server elsewhere; needs --key." };
    private static readonly Option<string?> Key =
        new("--key") { Description = "API key with the scopes communities:read, workflows:read, workflows:write and workflows:run." };

    public static Command Make() => new("workflow", "Validates, tests, runs and exports workflows.")
    {
        Make("validate", "Says what is wrong with a file.", ValidateAsync),
        Make("test", "Runs a file at once; nothing leaves the server and nothing is stored.", TestAsync, Variables, Answers),
        Make("run", "Stores and publishes a file, runs it and shows each step.", RunAsync, Variables),
        Make("export", "Writes a stored workflow into a file.", ExportAsync, Id),
    };

    private static Command Make(
        string name, string description, Func<Invocation, WorkflowClient, CancellationToken, Task<int>> run, params Option[] options)
    {
        var command = Verb.Make(
            name,
            description,
            async (invocation, ct) =>
            {
                using var client = await WorkflowClient.OpenAsync(Target(invocation), invocation.Parsed.GetValue(Channel)!, ct);
                return await run(invocation, client, ct);
            });
        command.Add(File);
        foreach (var option in options.Concat([Channel, Url, Key]))
        {
            command.Add(option);
        }

        return command;
    }

    private static ChatTarget Target(Invocation invocation)
    {
        try
        {
            return ChatTarget.Find(invocation.DataFolder, invocation.Parsed.GetValue(Url), invocation.Parsed.GetValue(Key));
        }
        catch (SandboxClientException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    private static async Task<int> ValidateAsync(Invocation invocation, WorkflowClient client, CancellationToken ct)
    {
        var verdict = await client.ValidateAsync(await ReadAsync(invocation, ct), ct);
        var output = invocation.Parsed.InvocationConfiguration.Output;
        foreach (var finding in verdict["findings"]!.AsArray())
        {
            var place = string.Join('.', new[] { finding!["node"]?.ToString(), finding["field"]?.ToString() }.Where(p => p is not null));
            await output.WriteLineAsync($"{finding["severity"]} {finding["code"]}: {place} {finding["message"]}");
        }

        var isValid = verdict["is_valid"]!.GetValue<bool>();
        await output.WriteLineAsync(isValid ? "It can be published." : "It cannot be published.");
        return isValid ? 0 : 1;
    }

    private static async Task<int> TestAsync(Invocation invocation, WorkflowClient client, CancellationToken ct)
    {
        var report = await client.TestAsync(await ReadAsync(invocation, ct), Json(invocation, Variables), Json(invocation, Answers), ct);
        var output = invocation.Parsed.InvocationConfiguration.Output;
        Show(output, report["nodes"]!.AsArray());
        foreach (var held in report["held_back"]!.AsArray())
        {
            await output.WriteLineAsync($"held back {held!["node_id"]}: {held["action"]!.ToJsonString()}");
        }

        return End(output, report["status"]!, report["error_message"], report["output_variables"]!);
    }

    private static async Task<int> RunAsync(Invocation invocation, WorkflowClient client, CancellationToken ct)
    {
        var id = await client.PublishAsync(await ReadAsync(invocation, ct), ct);
        var output = invocation.Parsed.InvocationConfiguration.Output;
        await output.WriteLineAsync($"workflow {id}");
        var run = await client.RunAsync(id, Json(invocation, Variables), ct);
        Show(output, run["nodes"]!.AsArray());
        var execution = run["execution"]!;
        return End(output, execution["status"]!, execution["error_message"], execution["output_variables"]!);
    }

    private static async Task<int> ExportAsync(Invocation invocation, WorkflowClient client, CancellationToken ct)
    {
        if (!Guid.TryParse(invocation.Parsed.GetValue(Id), out var id))
        {
            throw new InvalidOperationException("--id: must be a workflow's id, as workflow run prints it and /api/v1/communities/{id}/workflows lists it.");
        }

        var text = (await client.ExportAsync(id, ct)).ToJsonString(Pretty);
        if (invocation.Parsed.GetValue(File) is { } path and not "-")
        {
            await System.IO.File.WriteAllTextAsync(path, text + "\n", ct);
        }
        else
        {
            await invocation.Parsed.InvocationConfiguration.Output.WriteLineAsync(text);
        }

        return 0;
    }

    private static void Show(TextWriter output, JsonArray turns)
    {
        foreach (var turn in turns)
        {
            var path = turn!["path"]!.GetValue<string>();
            var port = turn["output_port"] is { } p ? $" -> {p}" : "";
            output.WriteLine($"{turn["status"],-8} {turn["node_id"]}{(path.Length == 0 ? "" : $" in {path}")}{port} {turn["error_message"]}".TrimEnd());
        }
    }

    private static int End(TextWriter output, JsonNode status, JsonNode? error, JsonNode variables)
    {
        output.WriteLine($"{status}{(error is null ? "" : $": {error}")} {variables.ToJsonString()}");
        return status.GetValue<string>() == "success" ? 0 : 1;
    }

    private static async Task<JsonObject> ReadAsync(Invocation invocation, CancellationToken ct)
    {
        var path = invocation.Parsed.GetValue(File)!;
        var text = path == "-" ? await Console.In.ReadToEndAsync(ct) : await System.IO.File.ReadAllTextAsync(path, ct);
        return Object(text, path);
    }

    private static JsonObject? Json(Invocation invocation, Option<string?> option) =>
        invocation.Parsed.GetValue(option) is { } text ? Object(text, option.Name) : null;

    private static JsonObject Object(string text, string what)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new InvalidOperationException($"{what}: must be a JSON object.");
        }
        catch (JsonException e)
        {
            var (line, column) = (e.LineNumber + 1, e.BytePositionInLine + 1);
            throw new InvalidOperationException($"{what}: is no JSON from line {line}, column {column} on; something is missing or too much there.", e);
        }
    }
}
