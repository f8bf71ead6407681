using Microsoft.Extensions.Configuration;
using Rookery.Kernel.Startup;

namespace Rookery.Kernel.Tests.Startup;

public sealed class UnknownSettingsTests
{
    private static readonly BoundSection[] Sections =
    [
        new("Router", ["LaneCapacity", "Writers"]), new("Platforms:Discord", ["BotToken"]), new("Platforms:Slack", ["BotToken"]),
    ];

    [Theory]
    [InlineData("Router:LaneCapcity", "Router:LaneCapcity is no setting and does nothing. Is Router:LaneCapacity meant?")]
    [InlineData("Router:Cheese", "Router:Cheese is no setting and does nothing.")]
    [InlineData("Platforms:Discord:Token", "Platforms:Discord:Token is no setting and does nothing.")]
    [InlineData("Platforms:Discrod:BotToken", "Platforms:Discrod is no setting and does nothing. Is Platforms:Discord meant?")]
    [InlineData("Ruoter:Writers", "Ruoter is no setting and does nothing. Is Router meant?")]
    public void What_nobody_reads_is_named_with_what_was_meant(string key, string sentence) =>
        Of(key).ShouldBe([sentence]);

    [Theory]
    [InlineData("router:lanecapacity")]
    [InlineData("Platforms:Slack:BotToken")]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("PATH")]
    [InlineData("npm_config:cache")]
    public void What_is_read_and_what_is_other_programs_is_not_named(string key) => Of(key).ShouldBeEmpty();

    private static IReadOnlyList<string> Of(string key) => UnknownSettings.In(
        new ConfigurationBuilder().AddInMemoryCollection([new(key, "1")]).Build(), Sections);
}
