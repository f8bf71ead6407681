using System.Text;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Interactions;

namespace Rookery.Platforms.Tests.Discord;

public sealed class DiscordDecoderTests
{
    private const string Ada = """{"id": "7", "username": "ada", "global_name": "Ada"}""";

    private readonly Guilds _guilds = new(new ManualClock());
    private readonly DiscordDecoder _decoder;

    public DiscordDecoderTests()
    {
        _decoder = new DiscordDecoder(_guilds, new InteractionDecoder(new Commands(), _guilds), new ManualClock());
        _guilds.Note(
            EventTypes.GuildCreate,
            """
            {"id": "g", "owner_id": "1", "unknown": [{}], "roles": [{"id": "mods", "name": "m", "permissions": "8192"},
             {"id": "boss", "name": "b", "permissions": "2251799813685248008"}, {"id": "odd", "name": "o", "permissions": "x"}]}
            """u8);
    }

    [Fact]
    public void A_message_is_talk_with_its_author_and_their_name_in_the_server()
    {
        var e = Read(
            "MESSAGE_CREATE",
            $$"""
            {"id": "m", "channel_id": "c", "guild_id": "g", "author": {{Ada}}, "member": {"nick": "Countess", "roles": ["mods"]},
             "content": "hello", "timestamp": "2026-11-20T12:00:00.000000+00:00", "type": 0, "embeds": [], "novelty": {"x": 1} }
            """)!;

        e.Channel.ToString().ShouldBe("discord:g:c");
        (e.UserId, e.UserName, e.UserRole, e.Text, e.MessageId).ShouldBe(("7", "Countess", Role.Moderator, "hello", "m"));
        e.OccurredAt.ShouldBe(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("1", """[]""", Role.Owner)]
    [InlineData("7", """["boss"]""", Role.Admin)]
    [InlineData("7", """["mods", "odd", "unheard of"]""", Role.Moderator)]
    [InlineData("7", """["odd"]""", Role.Member)]
    public void A_members_role_comes_from_what_the_server_allows_them(string user, string roles, Role role) => Read(
        "MESSAGE_CREATE",
        $$"""
        {"id": "m", "channel_id": "c", "guild_id": "g", "author": {"id": "{{user}}", "username": "x"},
         "member": {"roles": {{roles}}}, "content": "x"}
        """)!.UserRole.ShouldBe(role);

    [Theory]
    [InlineData("""{"id": "m", "channel_id": "c", "author": {"id": "7", "username": "x", "bot": true}, "content": "x"}""")]
    [InlineData("""{"id": "m", "channel_id": "c", "author": {"id": "7", "username": "x"}, "webhook_id": "7", "content": "x"}""")]
    [InlineData("""{"id": "m", "channel_id": "c", "content": "x"}""")]
    public void What_bots_and_webhooks_say_is_no_talk(string json) => Read("MESSAGE_CREATE", json).ShouldBeNull();

    [Fact]
    public void Facts_are_told_in_the_words_all_platforms_share()
    {
        Read("MESSAGE_DELETE", """{"id": "m", "channel_id": "c", "guild_id": "g"}""")!.Fact.ShouldBe(new MessageDeleted("m"));
        Read("MESSAGE_REACTION_ADD", $$"""
            {"user_id": "7", "channel_id": "c", "message_id": "m", "guild_id": "g", "member": {"user": {{Ada}}, "roles": []},
             "emoji": {"id": null, "name": "🔥"} }
            """)!.Fact.ShouldBe(new Reacted("m", "🔥", Removed: false));
        Read("GUILD_MEMBER_ADD", $$"""{"guild_id": "g", "user": {{Ada}}, "roles": []}""")!.Type.ShouldBe("member_join");
        Read("GUILD_MEMBER_REMOVE", $$"""{"guild_id": "g", "user": {{Ada}} }""")!.Fact.ShouldBe(new MemberLeft());
        Read("GUILD_BAN_ADD", $$"""{"guild_id": "g", "user": {{Ada}} }""")!.Fact
            .ShouldBe(new Restricted(Restriction.Ban, null, null, null));
        Read("GUILD_AUDIT_LOG_ENTRY_CREATE", """{"id": "1", "guild_id": "g", "action_type": 20, "target_id": "7", "user_id": "1", "reason": "spam"}""")!.Fact
            .ShouldBe(new Restricted(Restriction.Kick, null, "spam", "1"));
        Read("GUILD_AUDIT_LOG_ENTRY_CREATE", """{"id": "1", "guild_id": "g", "action_type": 24, "target_id": "7"}""").ShouldBeNull();
        Read("VOICE_STATE_UPDATE", $$"""
            {"guild_id": "g", "channel_id": "v", "user_id": "7", "member": {"user": {{Ada}}, "roles": []} }
            """)!.Fact.ShouldBe(new VoiceMoved("v"));
        Read("SOMETHING_NEW", "{}").ShouldBeNull();
    }

    [Fact]
    public void A_boost_is_one_event_however_often_the_member_changes_afterwards()
    {
        var since = new ManualClock().GetUtcNow().AddMinutes(-1);
        var json = $$"""{"guild_id": "g", "user": {{Ada}}, "roles": [], "premium_since": "{{since:O}}"}""";

        var first = Read("GUILD_MEMBER_UPDATE", json, "k1")!;
        first.Fact.ShouldBe(new Boosted());
        Read("GUILD_MEMBER_UPDATE", json, "k2")!.MessageId.ShouldBe(first.MessageId);
        Read("GUILD_MEMBER_UPDATE", $$"""
            {"guild_id": "g", "user": {{Ada}}, "roles": [], "premium_since": "{{since.AddDays(-40):O}}"}
            """).ShouldBeNull();
    }

    [Fact]
    public void Who_mutes_in_voice_has_not_moved()
    {
        var joined = Encoding.UTF8.GetBytes("""{"guild_id": "g", "channel_id": "v", "user_id": "7"}""");
        _guilds.Note(EventTypes.VoiceState, joined).ShouldBeTrue();
        _guilds.Note(EventTypes.VoiceState, joined).ShouldBeFalse();
        _guilds.Note(EventTypes.VoiceState, """{"guild_id": "g", "channel_id": null, "user_id": "7"}"""u8).ShouldBeTrue();
    }

    [Fact]
    public void Every_documented_example_of_a_message_and_a_frame_is_understood()
    {
        var file = Path.Combine(
            AppContext.BaseDirectory, "../../../../../shared/data/discord-docs-examples.ndjson");
        if (!File.Exists(file))
        {
            Assert.Skip($"{file} is missing, so the documented examples are not tried.");
        }

        var (messages, frames) = (0, 0);
        foreach (var example in File.ReadLines(file).Select(l => JsonNode.Parse(l)!))
        {
            var json = example["json"]!.ToJsonString();
            var section = example["section"]!.GetValue<string>();
            if (section is "Example Message" or "Example Crossposted Message")
            {
                messages++;
                (Read("MESSAGE_CREATE", json) is not null || json.Contains("webhook_id", StringComparison.Ordinal)).ShouldBeTrue(json);
            }
            else if (example["json"] is JsonObject { Count: > 1 } frame && frame.ContainsKey("op"))
            {
                frames++;
                ((int)Frame.Read(Encoding.UTF8.GetBytes(json)).Op).ShouldBe(frame["op"]!.GetValue<int>());
            }
        }

        messages.ShouldBeGreaterThan(1);
        frames.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void An_edit_is_known_by_its_moment_and_a_preview_is_none()
    {
        const string Edited = """{"id": "m", "channel_id": "c", "guild_id": "g", "author": {"id": "7", "username": "x"}, "content": "y" """;

        Read("MESSAGE_UPDATE", Edited + "}").ShouldBeNull();
        var edit = Read("MESSAGE_UPDATE", Edited + """, "edited_timestamp": "2026-11-20T12:00:00+00:00"}""")!;
        edit.Fact.ShouldBe(new MessageEdited("m", "y"));
        edit.MessageId.ShouldBe("edit:m:2026-11-20T12:00:00.0000000+00:00");
    }

    [Theory]
    [InlineData("tea", "!tea now")]
    [InlineData("cake", "#cake now")]
    [InlineData("gone", "!gone now")]
    public void A_slash_command_is_the_line_that_would_be_typed_and_holds_no_open_token(string name, string line)
    {
        var e = Read(
            "INTERACTION_CREATE",
            $$"""
            {"id": "9", "application_id": "1", "type": 2, "guild_id": "g", "channel_id": "c", "sealed_token": "k:QUJD",
             "arrived_at": "2026-11-20T12:00:00+00:00", "data": {"name": "{{name}}", "options": [{"name": "args", "type": 3, "value": "now"}]},
             "member": {"user": {"id": "8", "username": "x"}, "roles": [], "permissions": "8192"} }
            """)!;

        (e.Type, e.Text, e.MessageId, e.UserRole).ShouldBe((MessageTypes.SlashCommand, line, "9", Role.Moderator));
        e.Payload.ShouldBeNull();
        InteractionHandle.Parse(e.ReplyHandle)!.SealedToken.ShouldBe("k:QUJD");
    }

    private InboundEvent? Read(string type, string json, string key = "s:1") =>
        _decoder.Read(type, Encoding.UTF8.GetBytes(json), key);

    private sealed class Commands : ICommandList
    {
        public IReadOnlyList<ListedCommand> Typed { get; } = [new('#', "tea", "", []), new('!', "tea", "", []), new('#', "cake", "", [])];
    }
}
