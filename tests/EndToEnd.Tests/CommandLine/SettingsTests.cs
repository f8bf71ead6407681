namespace Rookery.EndToEnd.Tests.CommandLine;

/// <summary>What the program says to settings that are wrong, half or nobody's.</summary>
public sealed class SettingsTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-settings").FullName;
    private string _database = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestPostgres.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        await TestPostgres.DropDatabaseAsync(_database);
        Directory.Delete(_data, recursive: true);
    }

    [Theory]
    [InlineData("--Router:LaneCapacity=0", "serve: Router:LaneCapacity must be between")]
    [InlineData("--Router:LaneCapacity=many", "'Router:LaneCapacity'")]
    [InlineData("--Platforms:Twitch:ClientId=a", "Platforms:Twitch:ClientSecret and Platforms:Twitch:BotUserId missing")]
    [InlineData("--Platforms:Slack:BotToken=xoxb-1", "Platforms:Slack:BotToken is set and AppToken is missing")]
    [InlineData("--Platforms:Slack:AppToken=xapp-1", "Platforms:Slack:AppToken is set and BotToken is missing")]
    [InlineData("--Platforms:Discord:ApplicationId=1", "Platforms:Discord:BotToken is missing")]
    public async Task What_is_wrong_stops_the_start_with_a_sentence(string setting, string sentence)
    {
        var (exitCode, output) = await RunAsync(setting);
        exitCode.ShouldBe(1);
        output.ShouldContain(sentence);
        output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task The_file_in_the_data_folder_is_read_and_what_follows_wins()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_data, "settings.json"),
            $$$"""{"ConnectionStrings": {"Primary": "{{{_database}}}"}, "Router": {"LaneCapacity": 0, "LaneCapacitie": 1}, "Platfroms": {"Discord": {"BotToken": "x"} } }""",
            Ct);
        (await RookeryProcess.RunAsync("serve", "--data", _data, "--port", "0")).Output
            .ShouldContain("serve: Router:LaneCapacity must be between");

        await using var server = RookeryProcess.Start("serve", "--data", _data, "--port", "0", "--Router:LaneCapacity=100");
        await server.SaysAsync("Ctrl-C stops it.");
        server.Output.ShouldContain("Router:LaneCapacitie is no setting and does nothing. Is Router:LaneCapacity meant?");
        server.Output.ShouldContain("Platfroms is no setting and does nothing. Is Platforms meant?");
        server.Output.ShouldContain("Discord: off, Platforms:Discord:BotToken is not set");
        (await RookeryProcess.RunAsync("doctor", "--data", _data)).Output.ShouldContain("off, Platforms:Discord:BotToken is not set");
    }

    [Fact]
    public async Task A_file_that_is_no_json_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(_data, "settings.json"), "Router:", Ct);
        var (exitCode, output) = await RookeryProcess.RunAsync("serve", "--data", _data, "--port", "0");
        exitCode.ShouldBe(1);
        output.ShouldContain(Path.Combine(_data, "settings.json"));
        output.ShouldNotContain("   at ");
    }

    private Task<(int ExitCode, string Output)> RunAsync(string setting) => RookeryProcess.RunAsync(
        new Dictionary<string, string>(StringComparer.Ordinal) { ["ConnectionStrings__Primary"] = _database },
        "serve", "--data", _data, "--port", "0", setting);
}
