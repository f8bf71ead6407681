using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace Rookery.EndToEnd.Tests.CommandLine;

/// <summary>A server on simulated platforms, which keeps nothing.</summary>
public sealed partial class SimulateTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-simulate").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string[] Serve => ["serve", "--simulate", "--data", _data, "--port", "0"];

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        return default;
    }

    [Fact]
    public async Task A_simulated_server_answers_on_all_platforms_each_time_and_leaves_the_data_folder_alone()
    {
        var kept = Path.Combine(_data, "kept.txt");
        await File.WriteAllTextAsync(kept, "mine", Ct);
        await using (var killed = RookeryProcess.Start(Serve))
        {
            await AllAnswerAsync(killed);
            (await RookeryProcess.RunAsync(Serve)).Output.ShouldContain("already runs with the data folder");
            var chat = await RookeryProcess.RunAsync("chat", "!ping", "--data", _data);
            chat.Output.ShouldContain("Pong!");
            chat.Output.ShouldContain("Only a simulated server runs");
            (await RookeryProcess.RunAsync("nodes", "--data", _data)).Output.ShouldContain("Only a simulated server runs");
            var doctor = await RookeryProcess.RunAsync("doctor", "--data", _data);
            doctor.ExitCode.ShouldBe(0, doctor.Output);
            DiscordIsOn().IsMatch(doctor.Output).ShouldBeTrue(doctor.Output);
        }

        await using var server = RookeryProcess.Start(Serve);
        await AllAnswerAsync(server);
        await server.TerminateAsync();
        (await server.EndAsync()).ShouldBe(0);
        server.Output.ShouldNotContain("warn:");
        Directory.EnumerateFileSystemEntries(_data).Select(Path.GetFileName).ShouldBe(["kept.txt", "simulated"], ignoreOrder: true);
        (await File.ReadAllTextAsync(kept, Ct)).ShouldBe("mine");
    }

    private static async Task AllAnswerAsync(RookeryProcess server)
    {
        await server.SaysAsync("Twitch is simulated at");
        await server.SaysAsync("shard 0 is ready");
        var at = Simulated().Matches(server.Output).ToDictionary(m => m.Groups["name"].Value, m => new Uri(m.Groups["address"].Value));
        using var http = new HttpClient();
        await http.PostAsJsonAsync(new Uri(at["Discord"], "_control/say"), new { channel = "general", user = "42", text = "!ping" }, Ct);
        await http.PostAsJsonAsync(new Uri(at["Slack"], "_control/say"), new { channel = "C1", user = "U1", text = "!ping" }, Ct);
        await TestHost.EventuallyAsync(
            async () =>
            {
                // What is said before the socket is subscribed is not heard, as on Twitch.
                await http.PostAsync(new Uri(at["Twitch"], "_control/say?channel=100&user=200&text=!ping"), null, Ct);
                return (await LedgerAsync("Twitch")).Contains("Pong!", StringComparison.Ordinal);
            },
            "Twitch answers");
        foreach (var platform in new[] { "Discord", "Slack" })
        {
            await TestHost.EventuallyAsync(
                async () => (await LedgerAsync(platform)).Contains("Pong!", StringComparison.Ordinal), $"{platform} answers");
        }

        Task<string> LedgerAsync(string platform) => http.GetStringAsync(new Uri(at[platform], "_ledger"), Ct);
    }

    [GeneratedRegex(@"(?<name>\w+) is simulated at (?<address>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Simulated();

    [GeneratedRegex(@"Discord\W+(ok|warn)\W+on", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DiscordIsOn();
}
