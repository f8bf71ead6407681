using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rookery.Host.Cli;

namespace Rookery.EndToEnd.Tests;

public sealed class WorkflowCommandTests(TestHost host) : IClassFixture<TestHost>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-workflow-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_workflow_of_the_guide_is_validated_tested_run_and_exported()
    {
        await host.SayAsync("hello");
        var file = await GuideAsync();
        (await RunAsync("validate", file)).ShouldBe((0, "It can be published.\n"));

        var (code, output) = await RunAsync("test", file, "--variables", """{"name":"Rosalind"}""");
        code.ShouldBe(0, output);
        output.ShouldContain("held back say");
        output.ShouldContain("""success {"greeted":"Rosalind"}""");

        var (first, shown) = await RunAsync("run", file, "--variables", """{"name":"Rosalind"}""");
        first.ShouldBe(0, shown);
        shown.ShouldContain("success  long -> true");
        var (second, again) = await RunAsync("run", file, "--variables", """{"name":"Bo"}""");
        second.ShouldBe(0, again);
        var id = Regex.Match(shown, "workflow (?<id>\\S+)").Groups["id"].Value;
        again.ShouldContain(id);

        var copy = Path.Combine(_folder, "copy.json");
        (await RunAsync("export", copy, "--id", id)).Code.ShouldBe(0);
        var nodes = JsonNode.Parse(await File.ReadAllTextAsync(copy, Ct))!["nodes"]!.AsObject();
        nodes.Select(n => n.Key).ShouldBe(["start", "long", "say", "done", "short"], ignoreOrder: true);
        (await RunAsync("validate", copy)).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_definition_that_is_wrong_is_refused_with_its_node_named()
    {
        await host.SayAsync("hello");
        var file = Path.Combine(_folder, "bad.json");
        await File.WriteAllTextAsync(
            file, """{"nodes":{"say":{"type":"action_chat_message","label":"Say","position":{"x":0,"y":0}}},"connections":[]}""", Ct);
        var (code, output) = await RunAsync("validate", file);
        code.ShouldBe(1);
        output.ShouldContain("error required: say.message_template");
    }

    [Fact]
    public async Task A_file_that_is_cut_off_and_an_id_that_is_none_are_refused_with_the_place()
    {
        await host.SayAsync("hello");
        var file = Path.Combine(_folder, "cut.json");
        await File.WriteAllTextAsync(file, "{\n  \"name\": \"Hello\"", Ct);
        (await RunAsync("validate", file)).ShouldBe((1, $"workflow validate: {file}: is no JSON from line 2, column 18 on; something is missing or too much there.\n"));
        (await RunAsync("export", "-", "--id", "1")).Output.ShouldStartWith("workflow export: --id: must be a workflow's id");
    }

    [Fact]
    public async Task A_line_said_once_waits_for_what_a_workflow_answers()
    {
        await host.SayAsync("hello");
        var file = Path.Combine(_folder, "greet.json");
        await File.WriteAllTextAsync(
            file,
            """
            {
              "name": "Greet",
              "nodes": {
                "start": { "type": "trigger_command", "label": "Greet", "position": { "x": 0, "y": 0 }, "config": { "command_pattern": "greet" } },
                "say": { "type": "action_chat_message", "label": "Say", "position": { "x": 200, "y": 0 },
                         "config": { "message_template": "Hello {{ args[0] }}!" } }
              },
              "connections": [{ "id": "1", "from": "start", "from_port": "out", "to": "say", "to_port": "in" }]
            }
            """,
            Ct);
        await RunAsync("run", file, "--variables", """{"args":["Bo"]}""");

        await using var output = new StringWriter { NewLine = "\n" };
        string[] line = ["chat", "!greet Ada", "--url", host.Address.ToString(), "--key", host.AdminKey];
        (await CommandLineInterface.RunAsync(line, new() { Output = output }, Ct)).ShouldBe(0);
        output.ToString().ShouldBe("Hello Ada!\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The guide's own text, so that it stays true.</summary>
    private async Task<string> GuideAsync()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Rookery.slnx")))
        {
            folder = folder.Parent!;
        }

        var guide = await File.ReadAllTextAsync(Path.Combine(folder.FullName, "docs", "guide", "workflows.md"), Ct);
        var json = guide.Split("```json\n")[1].Split("```")[0];
        var file = Path.Combine(_folder, "hello.json");
        await File.WriteAllTextAsync(file, json, Ct);
        return file;
    }

    private async Task<(int Code, string Output)> RunAsync(string verb, params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        var code = await CommandLineInterface.RunAsync(
            ["workflow", verb, .. arguments, "--url", host.Address.ToString(), "--key", host.AdminKey], new() { Output = output, Error = output }, Ct);
        return (code, output.ToString());
    }
}
