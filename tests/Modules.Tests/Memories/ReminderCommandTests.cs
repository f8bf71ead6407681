namespace Rookery.Memories.Tests;

public sealed class ReminderCommandTests(MemoriesHost host) : IClassFixture<MemoriesHost>
{
    [Theory]
    [InlineData("!memories remind \"tea\" in \"1 minute\"", "tea – 2026-03-01 12:01 UTC. I say it here.")]
    [InlineData("!memories remind \"tea\" in 1 minute", "tea – 2026-03-01 12:01 UTC. I say it here.")]
    [InlineData("!memories remind tea in \"2 hrs\"", "tea – 2026-03-01 14:00 UTC. I say it here.")]
    [InlineData("!memories remind \"a b\" in \"1 month\"", "a b – 2026-04-01 12:00 UTC. I say it here.")]
    [InlineData("!memories remind \"x\" tomorrow 09:00", "x – 2026-03-02 09:00 UTC. I say it here.")]
    [InlineData("!remind \"standup\" every monday 18:00", "standup – 2026-03-02 18:00 UTC (every monday at 18:00). I say it here.")]
    [InlineData("!remind \"pay\" every month on 15 at 10:00 until 2026-12-31", "pay – 2026-03-15 10:00 UTC (every month on 15 at 10:00 until 2026-12-31). I say it here.")]
    public async Task A_reminder_is_made_from_words(string text, string expected)
    {
        var answer = await host.AskAsync(text, channel: "words");

        answer.ShouldBe($"Reminder {MemoriesHost.IdIn(answer)}: {expected}");
    }

    [Theory]
    [InlineData("yesterday", "I do not understand \"yesterday\" as a time.")]
    [InlineData("in \"5 parsecs\"", "I do not understand \"in 5 parsecs\" as a time.")]
    [InlineData("2020-01-01 10:00", "2020-01-01 10:00 is already past.")]
    [InlineData("in 6 years", "A reminder comes 1 minute to 5 years from now.")]
    public async Task A_bad_time_is_refused_and_nothing_is_made(string when, string expected)
    {
        (await host.AskAsync($"!memories remind \"tea\" {when}", channel: "bad")).ShouldStartWith(expected);
        (await host.AskAsync("!memories reminders", channel: "bad")).ShouldStartWith("You have no reminders to come.");
    }

    [Theory]
    [InlineData("stand up in 3 hours", "\"stand up\" in 3 hours")]
    [InlineData("call bob about the raid tomorrow 9am", "\"call bob about the raid\" tomorrow 9am")]
    public async Task A_text_without_quotes_is_answered_with_what_was_meant(string words, string meant)
    {
        (await host.AskAsync($"!remind {words}", channel: "quotes")).ShouldBe($"Put the text in quotes: !remind {meant}");
        (await host.AskAsync($"!remind {meant}", channel: "quotes")).ShouldStartWith("Reminder ");
    }

    [Fact]
    public async Task A_text_may_have_1000_characters()
    {
        (await host.AskAsync($"!remind {new string('x', 1000)} in 5m", channel: "long")).ShouldStartWith("Reminder ");
        (await host.AskAsync($"!remind {new string('x', 1001)} in 5m", channel: "long")).ShouldBe(
            "The text has 1001 characters; at most 1000 are allowed.");
    }

    [Fact]
    public async Task The_zone_is_the_members_own_or_the_communitys()
    {
        (await host.AskAsync("!memories timezone", "zoe", "zones")).ShouldBe(
            "Your times here are in UTC; it is 2026-03-01 12:00 there.");
        (await host.AskAsync("!memories timezone europe/paris", "zoe", "zones")).ShouldBe(
            "Your times here are in Europe/Paris; it is 2026-03-01 13:00 there.");
        (await host.AskAsync("!memories timezone Mars/Olympus", "zoe", "zones")).ShouldStartWith(
            "Mars/Olympus is no time zone");

        (await host.AskAsync("!remind tea tomorrow 09:00", "zoe", "zones")).ShouldEndWith(
            "2026-03-02 09:00 Europe/Paris. I say it here.");
        (await host.AskAsync("!remind tea tomorrow 09:00", "ada", "zones")).ShouldEndWith(
            "2026-03-02 09:00 UTC. I say it here.");
        (await host.AskAsync("!memories timezone reset", "zoe", "zones")).ShouldStartWith("Your times here are in UTC");
    }

    [Fact]
    public async Task Members_list_their_own_and_cancel_their_own()
    {
        var mine = MemoriesHost.IdIn(await host.AskAsync("!remind later in 2 hours", "ada", "own"));
        await host.AskAsync("!remind sooner in 1 hour", "ada", "own");
        await host.AskAsync("!remind theirs in 1 hour", "bob", "own");

        (await host.AskAsync("!memories reminders", "ada", "own"))
            .Split('\n')
            .Select(l => l.Split(' ')[1])
            .ShouldBe(["sooner", "later"]);
        (await host.AskAsync($"!memories cancel {mine}", "bob", "own")).ShouldStartWith(
            $"You have no reminder {mine} to come");
        (await host.AskAsync($"!memories cancel {mine}", "ada", "own")).ShouldStartWith($"Cancelled – {mine}: later");
        (await host.AskAsync($"!memories cancel {mine}", "ada", "own")).ShouldStartWith(
            $"You have no reminder {mine} to come");
        (await host.AskAsync("!memories reminders", "ada", "own")).ShouldNotContain("later");
    }

    [Fact]
    public async Task A_moderator_cancels_anybodys()
    {
        var id = MemoriesHost.IdIn(await host.AskAsync("!remind spam in 1 hour", "eve", "mod"));

        (await host.AskAsync($"!memories cancel {id}", "ada", "mod", "moderator")).ShouldStartWith("Cancelled");
        (await host.AskAsync("!memories reminders", "eve", "mod")).ShouldStartWith("You have no reminders");
    }
}
