using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Tests;

/// <summary>A remote module that answers when it is told to.</summary>
internal sealed class RemoteModule(LoopbackServer server, TestHost host, string command) : IAsyncDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="status">With which it takes every call, saying nothing.</param>
    public static async Task<RemoteModule> StartAsync(TestHost host, string command, int status)
    {
        var server = await LoopbackServer.StartAsync();
        server.Text("", status);
        using var made = await host.Http.PostAsJsonAsync(
            "/api/v1/commands",
            new { command, prefix = "#", location_url = server.Address, type = "webhook", module_type = "core", trigger_type = "command" },
            Ct);
        made.IsSuccessStatusCode.ShouldBeTrue(await made.Content.ReadAsStringAsync(Ct));
        await TestHost.EventuallyAsync(
            () => Task.FromResult(host.Get<ICommandList>().Typed.Any(c => c.Name == command)), "the command is known");
        return new RemoteModule(server, host, command);
    }

    /// <summary>Answers the latest call, which was taken long since.</summary>
    public async Task AnswerAsync(string text, bool success = true)
    {
        await TestHost.EventuallyAsync(() => Task.FromResult(!server.Requests.IsEmpty), $"{command} is called");
        var call = JsonNode.Parse(server.Last.Body)!;
        using var taken = await host.Http.PostAsJsonAsync(
            "/api/v1/module-responses",
            new JsonObject
            {
                ["execution_id"] = call["execution_id"]!.DeepClone(),
                ["session_id"] = call["session_id"]!.DeepClone(),
                ["module_name"] = command,
                ["success"] = success,
                ["response_action"] = "chat",
                ["chat_message"] = text,
            },
            Ct);
        taken.IsSuccessStatusCode.ShouldBeTrue(await taken.Content.ReadAsStringAsync(Ct));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
