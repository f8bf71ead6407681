using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.LivePosts.Tests;

public sealed class TemplateTests
{
    private static readonly ManualClock Clock = new();
    private static readonly StreamFacts Facts = StreamFacts.Sample(Clock.GetUtcNow(), "");

    [Fact]
    public void What_a_title_brings_is_never_expanded()
    {
        var pieces = Gen.Elements(
            "{streamer_login}", "{{ streamer_login }}", "{stream_title}", "{", "}", "{{", "}}", "\"", "{mention_role}", "a", " ", "{{ 1 + 1 }}", "é");
        var titles = Gen.ListOf(pieces).Select(string.Concat).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(titles, title =>
            Expand("<{stream_title}|{{ stream_title }}|{streamer_login}>", Facts with { Title = title, Login = "owl" })
                == $"<{title}|{title}|owl>"));
    }

    [Theory]
    [InlineData("{viewer_count} {unknown} {}", "7 {unknown} {}")]
    [InlineData("{{ viewer_count + 1 }}", "8")]
    [InlineData("{{ {a: {b: viewer_count}}.a.b }}{viewer_count}", "77")]
    [InlineData("{{ \"}}\" }}{viewer_count}", "}}7")]
    [InlineData("{started_at}", "2026-03-01T10:00:00Z")]
    [InlineData("{mention_role} hi", "hi")]
    public void Variables_and_expressions_stand_side_by_side(string source, string text) =>
        Expand(source, Facts with { Viewers = 7 }).ShouldBe(text);

    [Fact]
    public void What_does_not_fit_is_cut_between_characters_and_the_stream_is_told_all_the_same()
    {
        var title = string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 300));
        var writer = new PostWriter(Clock);
        var fields = Enumerable.Repeat(new TemplateField("n", "{stream_title}"), 30).ToList();
        var template = new PostTemplate("{stream_title}", new TemplateEmbed("{stream_title}", "{stream_title}", "{stream_title}", Fields: fields));

        var post = writer.Write(template, null, Facts with { Title = title }, DateTimeZone.Utc);

        post.Content.Length.ShouldBeInRange(1900, PostLimits.Content);
        post.Content.ShouldEndWith("👩‍👩‍👧‍👦…");
        var checks = new Rookery.Kernel.Web.Checks();
        post.Rich!.Check(checks, "post");
        checks.Errors.ShouldBeEmpty();
        post.Rich.Embeds![0]!.Url.ShouldBeNull();
    }

    [Fact]
    public void The_text_of_a_streamer_mentions_the_role_where_it_says_or_in_front()
    {
        var facts = Facts with { MentionRole = "<@&1>", Login = "owl" };
        var writer = new PostWriter(Clock);

        writer.Write(PostTemplate.Default, "{streamer_login} plays", facts, DateTimeZone.Utc).Content.ShouldBe("<@&1> owl plays");
        writer.Write(PostTemplate.Default, "{streamer_login} calls {mention_role}", facts, DateTimeZone.Utc).Content.ShouldBe("owl calls <@&1>");
    }

    private static string Expand(string source, StreamFacts facts) =>
        new PostWriter(Clock).Write(new PostTemplate(source), null, facts, DateTimeZone.Utc).Content;
}
