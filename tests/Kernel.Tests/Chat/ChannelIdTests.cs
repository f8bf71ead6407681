using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Chat;

namespace Rookery.Kernel.Tests.Chat;

public sealed class ChannelIdTests
{
    private static readonly Arbitrary<ChannelId> Channels =
        (from platform in Gen.Elements(Enum.GetValues<Platform>())
         from server in Gen.OneOf(Gen.Constant<string?>(null), Part())
         from channel in Part().Where(c => c!.Length > 0)
         select new ChannelId(platform, server, channel!)).ToArbitrary();

    [Fact]
    public void The_text_form_reads_back_as_the_same_channel() => Prop.ForAll(
        Channels,
        channel => ChannelId.TryParse(channel.ToString(), out var read) && read == channel).QuickCheckThrowOnFailure();

    [Fact]
    public void No_two_channels_share_a_text_form() => Prop.ForAll(
        Channels,
        Channels,
        (a, b) => a == b == (a.ToString() == b.ToString())).QuickCheckThrowOnFailure();

    [Fact]
    public void Reading_never_throws() => Prop.ForAll(
        Part().ToArbitrary(),
        text => !ChannelId.TryParse(text!, out var read) || ChannelId.TryParse(read.ToString(), out _)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("discord:1:2", Platform.Discord, "1", "2")]
    [InlineData("twitch:42", Platform.Twitch, null, "42")]
    [InlineData("slack:T%3A1:C%251", Platform.Slack, "T:1", "C%1")]
    public void Known_forms(string text, Platform platform, string? server, string channel)
    {
        ChannelId.TryParse(text, out var read).ShouldBeTrue();
        read.ShouldBe(new ChannelId(platform, server, channel));
        read.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("discord")]
    [InlineData("discord:")]
    [InlineData("discord:1:")]
    [InlineData("discord:1:2:3")]
    [InlineData("myspace:1:2")]
    [InlineData("Discord:1:2")]
    public void What_is_none_is_told(string text) => ChannelId.TryParse(text, out _).ShouldBeFalse();

    /// <summary>Texts rich in what the form has to escape.</summary>
    private static Gen<string?> Part() =>
        from parts in Gen.Elements("%", ":", "%3A", "%25", "3A", "25", "a", "T01", "é", " ", "/").ListOf()
        select (string?)string.Concat(parts);
}
