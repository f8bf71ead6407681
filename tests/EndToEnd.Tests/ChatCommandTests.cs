using System.Net;
using System.Text.Json;
using Rookery.Host;
using Rookery.Host.Cli;

namespace Rookery.EndToEnd.Tests;

public sealed class ChatCommandTests(TestHost host) : IClassFixture<TestHost>, IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-chat-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_line_is_said_and_answered_with_the_servers_own_key()
    {
        using var folder = await ServeAsync();
        await using var key = await LocalKey.RenewAsync(host.Services, folder, Ct);
        await key.IssueAsync(Ct);

        (await RunAsync("chat", "--data", _data, "--user", "ada", "!ping")).ShouldBe((0, "Pong!\n", ""));
        (await RunAsync("chat", "--data", _data, "--user", "ada", "!help nothing")).Output.ShouldStartWith(
            "There is no command nothing");
        (await RunAsync("chat", "--data", _data, "--user", "ada", "just words")).ShouldBe((0, "", ""));
    }

    [Fact]
    public async Task The_key_of_a_server_is_private_narrow_and_ends_with_it()
    {
        using var folder = await ServeAsync();
        string secret;
        await using (var key = await LocalKey.RenewAsync(host.Services, folder, Ct))
        {
            await key.IssueAsync(Ct);
            secret = await File.ReadAllTextAsync(folder.LocalKeyFile, Ct);
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(folder.LocalKeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            (await StatusAsync(secret, "/api/v1/sandbox/channels")).ShouldBe(HttpStatusCode.OK);
            (await StatusAsync(secret, "/api/v1/events/batch", HttpMethod.Post)).ShouldBe(HttpStatusCode.Forbidden);
        }

        File.Exists(folder.LocalKeyFile).ShouldBeFalse();
        (await StatusAsync(secret, "/api/v1/sandbox/channels")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_key_that_a_crash_left_behind_is_replaced()
    {
        using var folder = await ServeAsync();
        await (await LocalKey.RenewAsync(host.Services, folder, Ct)).IssueAsync(Ct);
        var old = await File.ReadAllTextAsync(folder.LocalKeyFile, Ct);

        await using var key = await LocalKey.RenewAsync(host.Services, folder, Ct);
        await key.IssueAsync(Ct);

        (await StatusAsync(old, "/api/v1/sandbox/channels")).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(await File.ReadAllTextAsync(folder.LocalKeyFile, Ct), "/api/v1/sandbox/channels")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_goes_wrong_is_said_with_its_cure()
    {
        var (url, key) = (host.Address.ToString(), host.AdminKey);

        await RefusedAsync("./run", "--data", _data, "hi");
        await RefusedAsync("needs --key", "--url", url, "hi");
        await RefusedAsync("http://localhost:5080", "--url", "localhost", "--key", key, "hi");
        await RefusedAsync("./run", "--url", "http://127.0.0.1:1", "--key", key, "hi");
        await RefusedAsync("unknown, revoked or expired", "--url", url, "--key", "rk_wrong", "hi");
        await RefusedAsync("name", "--url", url, "--key", key, "--channel", "no/where", "hi");
        await RefusedAsync("role: must be one of", "--url", url, "--key", key, "--role", "king", "hi");
    }

    [Fact]
    public async Task A_channel_that_is_missing_is_made_and_a_command_nobody_knows_is_said_to_be_unknown()
    {
        var (code, output, _) = await RunAsync(
            ["chat", "--url", host.Address.ToString(), "--key", host.AdminKey, "--channel", $"new-{Guid.NewGuid():N}", "!foo bar"]);
        code.ShouldBe(0);
        output.ShouldContain("Nothing here answers !foo.");
    }

    [Fact]
    public void What_others_write_cannot_steer_the_terminal() =>
        SandboxClient.Clean("a\e[2J\rb\nc").ShouldBe("a\uFFFD[2J\uFFFDb\nc");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private async Task<DataFolder> ServeAsync()
    {
        var folder = DataFolder.Open(_data);
        await File.WriteAllTextAsync(
            folder.RuntimeFile, JsonSerializer.Serialize(new { address = host.Address, pid = 1 }), Ct);
        return folder;
    }

    private static async Task RefusedAsync(string cure, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(["chat", .. arguments]);
        code.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldContain(cure);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        var code = await CommandLineInterface.RunAsync(arguments, new() { Output = output, Error = error }, Ct);
        return (code, output.ToString(), error.ToString());
    }

    private async Task<HttpStatusCode> StatusAsync(string key, string path, HttpMethod? method = null)
    {
        using var client = host.Client(key);
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        using var response = await client.SendAsync(request, Ct);
        return response.StatusCode;
    }
}
