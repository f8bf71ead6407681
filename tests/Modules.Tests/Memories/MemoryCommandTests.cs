namespace Rookery.Memories.Tests;

public sealed class MemoryCommandTests(MemoriesHost host) : IClassFixture<MemoriesHost>
{
    private const string Mod = "moderator";

    [Fact]
    public async Task A_quote_is_added_and_read_back()
    {
        var added = await host.AskAsync(
            "!memories add quote \"To be or not\" Will Shakespeare", channel: "q1", role: Mod);
        var id = MemoriesHost.IdIn(added);
        added.ShouldBe($"Quote added by ada – {id}: \"To be or not\" – Will Shakespeare");

        (await host.AskAsync($"!memories get {id}", "bob", "q1")).ShouldBe(
            $"Quote {id}: \"To be or not\" – Will Shakespeare\nAdded by ada on 2026-03-01, used once.");
        (await host.AskAsync($"!memory get #{id}", "bob", "q1")).ShouldEndWith("used 2 times.");
    }

    [Fact]
    public async Task A_quote_without_an_author_is_of_unknown()
    {
        var added = await host.AskAsync("!quote \"Anonymous was a woman\"", channel: "q2", role: Mod);

        added.ShouldEndWith("\"Anonymous was a woman\" – Unknown");
    }

    [Fact]
    public async Task A_random_quote_counts_as_a_use()
    {
        (await host.AskAsync("!memories quotes", channel: "q3")).ShouldStartWith("There is no quote yet.");
        var id = await host.QuoteAsync("Only one", "q3");

        (await host.AskAsync("!memories quotes", channel: "q3")).ShouldBe($"\"Only one\" – Ada ({id})");
        (await host.AskAsync("!quote", channel: "q3")).ShouldBe($"\"Only one\" – Ada ({id})");
        (await host.AskAsync($"!memories get {id}", channel: "q3")).ShouldEndWith("used 3 times.");
    }

    [Fact]
    public async Task A_link_gets_https_and_is_listed_with_its_uses()
    {
        var id = MemoriesHost.IdIn(
            await host.AskAsync("!memories add url \"Docs\" example.org/start \"Read this first\"", channel: "u1", role: Mod));

        (await host.AskAsync("!memories urls", channel: "u1")).ShouldBe(
            $"{id}: Docs – https://example.org/start – Read this first (added by ada, used 0 times)");
        (await host.AskAsync("!memories urls", channel: "u2")).ShouldStartWith("There is no link yet.");
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("ftp://example.org/file")]
    [InlineData("https://")]
    [InlineData("https://user:secret@example.org")]
    [InlineData("mailto:ada@example.org")]
    [InlineData("\"https://exa mple.org\"")]
    [InlineData("data:text/html,hello")]
    public async Task What_is_no_web_address_is_refused(string url) =>
        (await host.AskAsync($"!memories add url \"Title\" {url}", channel: "u3", role: Mod)).ShouldStartWith(
            "url is no address of a web page");

    [Fact]
    public async Task A_note_keeps_its_tags_trimmed_and_once()
    {
        var added = await host.AskAsync(
            "!memories add note \"Recipe\" \"Mix and bake\" \" cake, sweet ,cake,\"", channel: "n1", role: Mod);

        added.ShouldEndWith("Recipe – Mix and bake [cake, sweet]");
    }

    [Fact]
    public async Task A_list_shows_ten_of_each_type_newest_first()
    {
        for (var i = 1; i <= 12; i++)
        {
            await host.QuoteAsync($"number {i}", "l1");
        }

        await host.AskAsync("!memories add note title text", channel: "l1", role: Mod);
        var lines = (await host.AskAsync("!memories list", channel: "l1")).Split('\n');

        lines.Length.ShouldBe(13);
        lines[0].ShouldBe("Quotes");
        lines[1].ShouldContain("\"number 12\"");
        lines[10].ShouldContain("\"number 3\"");
        lines[11].ShouldBe("Notes");
        (await host.AskAsync("!memories list notes", channel: "l1")).Split('\n').Length.ShouldBe(2);
        (await host.AskAsync("!memories list nonsense", channel: "l1")).ShouldStartWith(
            "nonsense is neither quote, url or note nor a category here");
        (await host.AskAsync("!memories list", channel: "l2")).ShouldBe("Nothing is kept here yet.");
    }

    [Fact]
    public async Task A_search_finds_words_best_first_and_else_parts_of_words()
    {
        await host.AskAsync(
            "!memories add note \"Weather\" \"The river is high after the rain\"", channel: "s1", role: Mod);
        await host.AskAsync("!memories add note \"River\" \"Deep and slow\" nature", channel: "s1", role: Mod);
        await host.AskAsync("!memories add url \"Map\" https://maps.example.org/waterways", channel: "s1", role: Mod);
        await host.QuoteAsync("Nothing to see", "s1", "Rivera");

        var found = (await host.AskAsync("!memories search river", channel: "s1")).Split('\n');
        found.Length.ShouldBe(2);
        found[0].ShouldContain("River – Deep and slow");
        (await host.AskAsync("!memories search \"iver\"", channel: "s1")).Split('\n').Length.ShouldBe(3);
        (await host.AskAsync("!memories search river -rain", channel: "s1")).ShouldContain("Deep and slow");
        (await host.AskAsync("!memories search waterways", channel: "s1")).ShouldContain("Map");
        (await host.AskAsync("!memories search nature", channel: "s1")).ShouldContain("Deep and slow");
        (await host.AskAsync("!memories search unicorn", channel: "s1")).ShouldBe("Nothing matches unicorn.");
        (await host.AskAsync("!memories search \"'); drop & | ! (\"", channel: "s1")).ShouldStartWith("Nothing matches");
        (await host.AskAsync("!memories search", channel: "s1")).ShouldStartWith("Usage:");
    }

    [Fact]
    public async Task An_edit_changes_one_field()
    {
        var id = await host.QuoteAsync("Old", "e1");

        (await host.AskAsync($"!memories edit {id} content \"New\"", channel: "e1", role: Mod)).ShouldBe(
            $"Quote changed – {id}: \"New\" – Ada");
        (await host.AskAsync($"!memories edit {id} author Bob", channel: "e1", role: Mod)).ShouldBe(
            $"Quote changed – {id}: \"New\" – Bob");
        (await host.AskAsync($"!memories edit {id} tags \"a, b\"", channel: "e1", role: Mod)).ShouldStartWith("Quote changed");
        (await host.AskAsync($"!memories edit {id} created_by eve", channel: "e1", role: Mod)).ShouldBe(
            "created_by cannot be edited; title, content, author, url and tags can.");
        (await host.AskAsync($"!memories edit {id} url \"ftp://x\"", channel: "e1", role: Mod)).ShouldStartWith("url is no address");
        (await host.AskAsync($"!memories edit {id} content \"\"", channel: "e1", role: Mod)).ShouldBe(
            "content must not be empty.");
        (await host.AskAsync($"!memories edit {id} content", channel: "e1", role: Mod)).ShouldStartWith("Usage:");
        (await host.AskAsync("!memories edit 999999 content x", channel: "e1", role: Mod)).ShouldBe(
            "There is no memory 999999 here.");
        (await host.AskAsync($"!memories get {id}", channel: "e1")).ShouldStartWith($"Quote {id}: \"New\" – Bob\n");
    }

    [Fact]
    public async Task A_deleted_memory_is_readable_nowhere()
    {
        var id = await host.QuoteAsync("Secret sauce", "d1");
        (await host.AskAsync($"!memories delete {id}", channel: "d1", role: Mod)).ShouldBe($"Memory {id} is deleted.");

        var gone = $"There is no memory {id} here.";
        (await host.AskAsync($"!memories get {id}", channel: "d1")).ShouldBe(gone);
        (await host.AskAsync($"!memories edit {id} content x", channel: "d1", role: Mod)).ShouldBe(gone);
        (await host.AskAsync($"!memories react {id} like", channel: "d1")).ShouldBe(gone);
        (await host.AskAsync($"!memories delete {id}", channel: "d1", role: Mod)).ShouldBe(gone);
        (await host.AskAsync("!memories search sauce", channel: "d1")).ShouldStartWith("Nothing matches");
        (await host.AskAsync("!memories list", channel: "d1")).ShouldBe("Nothing is kept here yet.");
        (await host.AskAsync("!memories quotes", channel: "d1")).ShouldStartWith("There is no quote yet.");
    }

    [Fact]
    public async Task A_reaction_is_given_and_taken_back()
    {
        var id = await host.QuoteAsync("Nice", "r1");

        (await host.AskAsync($"!memories react {id} Like", "ada", "r1")).ShouldBe(
            $"ada gave like on memory {id}: like 1.");
        (await host.AskAsync($"!memories react {id} like", "bob", "r1")).ShouldBe(
            $"bob gave like on memory {id}: like 2.");
        (await host.AskAsync($"!memories react {id} 💥", "bob", "r1")).ShouldBe(
            $"bob gave 💥 on memory {id}: like 2, 💥 1.");
        (await host.AskAsync($"!memories react {id} like", "ada", "r1")).ShouldBe(
            $"ada took back like on memory {id}: like 1, 💥 1.");
        (await host.AskAsync($"!memories get {id}", channel: "r1")).ShouldContain("like 1");
        (await host.AskAsync($"!memories react {id} \"two words\"", channel: "r1")).ShouldStartWith(
            "reaction_type must be one word");
        (await host.AskAsync("!memories react like", channel: "r1")).ShouldStartWith("Usage:");
    }

    [Fact]
    public async Task Categories_are_added_assigned_and_listed()
    {
        var id = await host.QuoteAsync("Sorted", "c1");
        (await host.AskAsync("!memories categories", channel: "c1")).ShouldStartWith("There is no category yet.");

        (await host.AskAsync("!memories categories add Wisdom \"Clever words\" #ff8800 🦉", channel: "c1", role: Mod)).ShouldBe("Category added – 🦉 Wisdom (0) – Clever words");
        (await host.AskAsync("!memories categories add wisdom", channel: "c1", role: Mod)).ShouldBe(
            "There is a category wisdom already.");
        (await host.AskAsync("!memories categories add Bad about #ff88", channel: "c1", role: Mod)).ShouldStartWith(
            "color must look like");
        (await host.AskAsync($"!memories categories assign {id} WISDOM", channel: "c1", role: Mod)).ShouldBe(
            $"Memory {id} is under Wisdom now.");
        (await host.AskAsync("!memories categories", channel: "c1")).ShouldBe("🦉 Wisdom (1) – Clever words");
        (await host.AskAsync("!memories list wisdom", channel: "c1")).ShouldContain("Sorted");
        (await host.AskAsync($"!memories get {id}", channel: "c1")).ShouldContain("Category: Wisdom.");
        (await host.AskAsync($"!memories categories assign {id} none", channel: "c1", role: Mod)).ShouldBe(
            $"Memory {id} is under no category now.");
        (await host.AskAsync($"!memories categories assign {id} Absent", channel: "c1", role: Mod)).ShouldStartWith(
            "There is no category Absent here");
        (await host.AskAsync($"!memories categories assign {id} Wisdom", channel: "c1")).ShouldStartWith(
            "You may not do that.");
        (await host.AskAsync("!memories categories add Mine", channel: "c1")).ShouldStartWith("You may not do that.");
        (await host.AskAsync("!memories categories nonsense", channel: "c1")).ShouldStartWith("Usage:");
    }

    [Fact]
    public async Task Help_comes_without_a_word_and_for_an_unknown_one()
    {
        var help = await host.AskAsync("!memories", channel: "h1");
        help.ShouldContain("!memories add quote \"text\" [author]");
        help.ShouldContain("Adding, editing and deleting is for moderators");

        (await host.AskAsync("!memories dance", channel: "h1")).ShouldStartWith("There is no !memories dance.");
        (await host.AskAsync("!help memories", channel: "h1")).ShouldContain("!memories remind");
    }

    [Theory]
    [InlineData("add")]
    [InlineData("add quote")]
    [InlineData("add url title")]
    [InlineData("add note title")]
    [InlineData("add poem text")]
    [InlineData("get")]
    [InlineData("get -5")]
    [InlineData("get twelve")]
    [InlineData("get 99999999999999999999")]
    [InlineData("edit 5")]
    [InlineData("delete")]
    [InlineData("react")]
    [InlineData("cancel")]
    [InlineData("cancel x")]
    [InlineData("remind")]
    [InlineData("remind tea")]
    public async Task Too_little_or_nonsense_gets_the_usage(string rest) =>
        (await host.AskAsync($"!memories {rest}", $"user {rest}", "h2", Mod)).ShouldStartWith("Usage:");

    [Fact]
    public async Task Texts_beyond_their_limits_are_refused()
    {
        (await host.AskAsync($"!memories add note \"{new string('t', 501)}\" text", channel: "x1", role: Mod)).ShouldBe(
            "title has 501 characters; at most 500 are allowed.");
        (await host.AskAsync("!memories add quote \"\"", channel: "x1", role: Mod)).ShouldStartWith(
            "content must have at least 1");
        (await host.AskAsync($"!memories add quote text {new string('a', 201)}", channel: "x1", role: Mod)).ShouldStartWith("author has 201");
        (await host.AskAsync($"!memories add note t c \"{string.Join(',', Enumerable.Range(1, 21))}\"", channel: "x1", role: Mod)).ShouldBe("tags are 21; at most 20 are allowed.");
        (await host.AskAsync($"!memories add note t c {new string('x', 101)}", channel: "x1", role: Mod)).ShouldStartWith("tags has 101");
        (await host.AskAsync($"!memories add url t https://example.org/{new string('x', 2000)}", channel: "x1", role: Mod)).ShouldStartWith("url has 2020");
        (await host.AskAsync("!memories list", channel: "x1")).ShouldBe("Nothing is kept here yet.");
    }

    [Fact]
    public async Task Replies_are_chat_for_the_one_who_asked()
    {
        foreach (var text in new[] { "!memories", "!memories list", "!memories quotes", "!memories reminders", "!memories remind \"tea\" in 5m" })
        {
            var answer = await host.SayAsync(text, channel: "chat");
            answer["responses"]!.AsArray()
                .ShouldHaveSingleItem()!["response_action"]!.GetValue<string>()
                .ShouldBe("chat");
            answer["outcome"]!.GetValue<string>().ShouldBe("replied");
        }
    }
}
