namespace Rookery.Moderation.Tests;

/// <summary>Rules made over the API, and messages that go the whole way.</summary>
public sealed class MatchingTests(TestHost host) : IClassFixture<TestHost>
{
    private readonly Channel _channel = new(host);

    [Theory]
    [InlineData("exact", "bad word", "Bad Word", true)]
    [InlineData("exact", "bad word", "  bad word  ", true)]
    [InlineData("exact", "bad word", "a bad word", false)]
    [InlineData("contains", "bad", "Badminton", true)]
    [InlineData("contains", "bad", "b ad", false)]
    [InlineData("word", "bad", "so BAD!", true)]
    [InlineData("word", "bad", "badminton", false)]
    [InlineData("regex", "b[a4]+d", "this is BAAA4D", true)]
    [InlineData("regex", "^bad", "not bad", false)]
    [InlineData("exact", "*", "whatever", true)]
    [InlineData("contains", "*", "no asterisk here", true)]
    [InlineData("word", "*", "", true)]
    [InlineData("regex", "*", "whatever", true)]
    public async Task Each_match_type_matches_what_it_says(string matchType, string pattern, string text, bool matches)
    {
        await _channel.RuleAsync(pattern, new() { ["match_type"] = matchType });

        (await _channel.OutcomeAsync(text)).ShouldBe(matches ? "replied" : "ignored");
    }

    [Theory]
    [InlineData("exact", "Bad", "Bad", "bad")]
    [InlineData("contains", "Bad", "so Bad", "so bad")]
    [InlineData("word", "Bad", "so Bad", "so BAD")]
    public async Task Case_counts_where_it_is_asked_for(string matchType, string pattern, string same, string other)
    {
        await _channel.RuleAsync(pattern, new() { ["match_type"] = matchType, ["case_sensitive"] = true });

        (await _channel.OutcomeAsync(same)).ShouldBe("replied");
        (await _channel.OutcomeAsync(other)).ShouldBe("ignored");
    }

    [Fact]
    public async Task A_shouting_rule_of_five_capitals_is_possible()
    {
        await _channel.RuleAsync("[A-Z]{5}", new() { ["match_type"] = "regex", ["case_sensitive"] = true });

        (await _channel.OutcomeAsync("please be quiet")).ShouldBe("ignored");
        (await _channel.OutcomeAsync("why so LOUDLY")).ShouldBe("replied");
    }

    [Fact]
    public async Task A_pattern_that_backtracks_for_ever_elsewhere_answers_here()
    {
        await _channel.RuleAsync("^(a+)+$", new() { ["match_type"] = "regex" });

        (await _channel.OutcomeAsync(new string('a', 4999) + "!")).ShouldBe("ignored");
        (await _channel.OutcomeAsync(new string('a', 5000))).ShouldBe("replied");
    }

    [Theory]
    [InlineData("sl\u200Bu\u2060rs")]
    [InlineData("ｓｌｕｒｓ")]
    [InlineData("ѕlurѕ")]
    [InlineData("𝕤𝕝𝕦𝕣𝕤")]
    [InlineData("s\u0336l\u0336u\u0336r\u0336s")]
    public async Task A_disguised_word_is_found_unless_the_rule_wants_it_plain(string disguised)
    {
        var rule = await _channel.RuleAsync("slurs", new() { ["match_type"] = "word" });
        (await _channel.OutcomeAsync($"such {disguised}!")).ShouldBe("replied");

        await host.PatchAsync(rule, new() { ["normalize"] = false });
        (await _channel.OutcomeAsync($"such {disguised}!")).ShouldBe("ignored");
        (await _channel.OutcomeAsync("such slurs!")).ShouldBe("replied");
    }

    [Fact]
    public async Task A_regex_in_another_script_sees_the_message_as_it_was_written()
    {
        await _channel.RuleAsync("спа+м", new() { ["match_type"] = "regex" });

        (await _channel.OutcomeAsync("это СПАААМ")).ShouldBe("replied");
    }

    [Fact]
    public async Task A_rule_holds_in_its_channels_only()
    {
        var other = new Channel(host);
        await _channel.RuleAsync("here");

        (await _channel.OutcomeAsync("here")).ShouldBe("replied");
        (await other.OutcomeAsync("here")).ShouldBe("ignored");
    }

    [Fact]
    public async Task The_first_by_priority_wins_and_of_equals_the_oldest()
    {
        await _channel.RuleAsync("word", new() { ["warning_message"] = "first of equals" });
        await _channel.RuleAsync("w.rd", new() { ["match_type"] = "regex", ["warning_message"] = "second of equals" });
        TestHost.Lines(await _channel.SayAsync("a word")).ShouldBe(["first of equals"]);

        await _channel.RuleAsync(
            "a word", new() { ["match_type"] = "exact", ["warning_message"] = "urgent", ["priority"] = 1 });
        TestHost.Lines(await _channel.SayAsync("a word")).ShouldBe(["urgent"]);
        TestHost.Lines(await _channel.SayAsync("another word")).ShouldBe(["first of equals"]);
    }

    [Fact]
    public async Task The_test_answers_every_rule_that_would_fire_and_where()
    {
        var block = await _channel.RuleAsync(
            "nitro", new() { ["match_type"] = "word", ["action"] = "block", ["priority"] = 10 });
        var warn = await _channel.RuleAsync("fr+e+", new() { ["match_type"] = "regex" });
        await _channel.RuleAsync("gold");

        var answer = await _channel.TestAsync("ｆｒee n\u200Bіtro now");

        answer["normalized_text"]!.GetValue<string>().ShouldBe("free nitro now");
        answer["exempt"]!.GetValue<bool>().ShouldBeFalse();
        answer["rules"]!.AsArray()
            .Select(r => (r!["id"]!.GetValue<long>(), r["would_win"]!.GetValue<bool>()))
            .ShouldBe([(block, true), (warn, false)]);
        answer["rules"]![0]!["spans"]!.ToJsonString(Json.Readable).ShouldBe("""[{"start":5,"length":6,"text":"n​іtro"}]""");
        answer["rules"]![1]!["spans"]!.ToJsonString(Json.Readable).ShouldBe("""[{"start":0,"length":4,"text":"ｆｒee"}]""");
        (await _channel.TestAsync("all quiet"))["rules"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_test_says_when_a_role_is_exempt()
    {
        await _channel.RuleAsync("slur");

        var answer = await _channel.TestAsync("a slur", "moderator");

        answer["exempt"]!.GetValue<bool>().ShouldBeTrue();
        answer["rules"]!.AsArray().Single()!["would_win"]!.GetValue<bool>().ShouldBeFalse();
    }
}
