using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Rookery.Platforms.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class MessageReaderTests
{
    private readonly MessageReader _reader = new();

    [Fact]
    public void A_message_is_read_with_all_that_is_unknown_passed_over()
    {
        var message = Read("""
            {"new": {"id": "no", "list": [1, {"content": "no"}]}, "id": "1", "channel_id": "2", "guild_id": "3", "content": "a \"\u00e4\" 🐦",
             "author": {"id": "4", "username": "ada", "global_name": "Ada", "avatar": null},
             "member": {"nick": null, "roles": ["5", "6"], "joined_at": "2024-01-01T00:00:00+00:00"},
             "timestamp": "2026-11-20T08:00:00.123000+00:00", "edited_timestamp": null, "webhook_id": null}
            """);
        message.Id.ShouldBe("1");
        message.ChannelId.ShouldBe("2");
        message.GuildId.ShouldBe("3");
        message.Content.ShouldBe("a \"ä\" 🐦");
        message.Author.ShouldBe(new DiscordUser("4", "ada", "Ada"));
        message.Member!.Roles.ShouldBe(["5", "6"]);
        message.Timestamp.ShouldBe(new DateTimeOffset(2026, 11, 20, 8, 0, 0, 123, TimeSpan.Zero));
        message.EditedTimestamp.ShouldBeNull();
        message.WebhookId.ShouldBeNull();
    }

    [Fact]
    public void Who_changed_is_read_anew_and_who_did_not_is_kept()
    {
        var first = Read("""{"id": "1", "channel_id": "2", "author": {"id": "4", "username": "ada"}, "member": {"nick": "A", "roles": []}}""");
        var again = Read("""{"id": "2", "channel_id": "2", "author": {"id": "4", "username": "ada"}, "member": {"nick": "B", "roles": []}}""");
        again.Author.ShouldBeSameAs(first.Author);
        again.ChannelId.ShouldBeSameAs(first.ChannelId);
        (first.Member!.Nick, again.Member!.Nick).ShouldBe(("A", "B"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id": "1"}""")]
    [InlineData("""{"id": 1, "channel_id": "2"}""")]
    [InlineData("""{"id": "1", "channel_id": null}""")]
    [InlineData("""{"id": "1", "channel_id": "2", "timestamp": "yesterday"}""")]
    [InlineData("""{"id": "1", "channel_id": "2", "author": "ada"}""")]
    [InlineData("""{"id": "1", "channel_id": "2", "content": "\ud800"}""")]
    [InlineData("""{"id": "1", "channel_id": "2", "content": ["a"]}""")]
    [InlineData("""{"id": "1", "channel_id": "2" """)]
    public void What_is_no_message_is_refused(string json) => Should.Throw<JsonException>(() => Read(json));

    [Fact]
    public void Ids_without_end_do_not_mix_up() => Prop
        .ForAll<PositiveInt>(number =>
        {
            var id = $"{number.Get}";
            var message = Read($$"""{"id": "1", "channel_id": "{{id}}", "author": {"id": "{{id}}", "username": "n{{id}}"} }""");
            message.ChannelId.ShouldBe(id);
            message.Author.ShouldBe(new DiscordUser(id, $"n{id}"));
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000).WithEndSize(1_000_000));

    private MessageEvent Read(string json) => _reader.Read(Encoding.UTF8.GetBytes(json));
}
