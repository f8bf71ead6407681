using Rookery.Kernel.Chat;
using Rookery.Platforms.Slack;

namespace Rookery.Platforms.Tests.Slack;

public sealed class DecoderTests
{
    [Fact]
    public void A_message_is_talk_in_its_channel()
    {
        var e = Decoding.Only("""{"type":"message","channel":"C1","user":"U1","text":"hi &lt;all&gt; <@U2>","ts":"1700000001.000200","thread_ts":"1700000000.000100"}""");

        e.Channel.ShouldBe(new ChannelId(Platform.Slack, "T1", "C1"));
        e.Type.ShouldBe(MessageTypes.Chat);
        e.UserId.ShouldBe("U1");
        e.MessageId.ShouldBe("C1/1700000001.000200");
        e.Text.ShouldBe("hi <all> @Bob");
        e.OccurredAt.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1700000001).AddTicks(2000));
        e.ReplyPath.ShouldBe(ReplyPath.Sender);
        ReplyPlace.Parse(e.ReplyHandle).ShouldBe(new ReplyPlace(Thread: "1700000000.000100"));
    }

    [Theory]
    [InlineData("file_share")]
    [InlineData("thread_broadcast")]
    [InlineData("me_message")]
    public void What_people_say_in_other_ways_is_talk_too(string subtype) =>
        Decoding.Only($$"""{"type":"message","subtype":"{{subtype}}","channel":"C1","user":"U1","text":"hi","ts":"1.1"}""").Type.ShouldBe(MessageTypes.Chat);

    [Theory]
    [InlineData("""{"type":"message","channel":"C1","user":"U1","bot_id":"B1","text":"!ping","ts":"1.1"}""")]
    [InlineData("""{"type":"message","subtype":"bot_message","channel":"C1","text":"!ping","ts":"1.1"}""")]
    [InlineData("""{"type":"message","channel":"C1","user":"USLACKBOT","text":"!ping","ts":"1.1"}""")]
    [InlineData("""{"type":"message","subtype":"channel_join","channel":"C1","user":"U1","text":"joined","ts":"1.1"}""")]
    [InlineData("""{"type":"message","subtype":"message_replied","channel":"C1","ts":"1.1"}""")]
    [InlineData("""{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","text":"a","ts":"1.1"},"previous_message":{"text":"a"}}""")]
    [InlineData("""{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","bot_id":"B1","text":"b","ts":"1.1"},"previous_message":{"text":"a"}}""")]
    [InlineData("""{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"1.1","previous_message":{"bot_id":"B1","user":"UBOT"}}""")]
    [InlineData("""{"type":"member_joined_channel","user":"UBOT","channel":"C1"}""")]
    [InlineData("""{"type":"reaction_added","user":"UBOT","reaction":"x","item":{"type":"message","channel":"C1","ts":"1.1"}}""")]
    [InlineData("""{"type":"reaction_added","user":"U1","reaction":"x","item":{"type":"file","file":"F1"}}""")]
    [InlineData("""{"type":"tokens_revoked","tokens":{"oauth":["U1"],"bot":[]}}""")]
    [InlineData("""{"type":"user_change","user":{"id":"U1"}}""")]
    public void What_bots_do_and_what_changes_nothing_is_ignored(string e)
    {
        var decoded = Decoding.Event(e);
        decoded.Reading.ShouldBe(Reading.Ignored);
        decoded.Events.ShouldBeEmpty();
    }

    [Fact]
    public void An_edit_tells_the_new_text()
    {
        var e = Decoding.Only("""{"type":"message","subtype":"message_changed","channel":"C1","event_ts":"2.0","message":{"user":"U1","text":"a &amp; b","ts":"1.1"},"previous_message":{"text":"a"}}""");

        e.Type.ShouldBe("message_edit");
        e.Fact.ShouldBe(new MessageEdited("C1/1.1", "a & b"));
        e.MessageId.ShouldBe("Ev1");
    }

    [Theory]
    [InlineData("""{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"1.1","previous_message":{"user":"U1"}}""")]
    [InlineData("""{"type":"message","subtype":"message_changed","channel":"C1","message":{"subtype":"tombstone","user":"U1","ts":"1.1"}}""")]
    public void A_deletion_names_the_message(string json)
    {
        var e = Decoding.Only(json);
        e.Type.ShouldBe("message_delete");
        e.UserId.ShouldBe("U1");
        e.Fact.ShouldBe(new MessageDeleted("C1/1.1"));
    }

    [Fact]
    public void A_mention_is_no_second_message()
    {
        var e = Decoding.Only("""{"type":"app_mention","channel":"C1","user":"U1","text":"<@UBOT> hi","ts":"1.1"}""");
        e.Type.ShouldBe("app_mention");
        e.MessageId.ShouldBe("mention:C1/1.1");
    }

    public static TheoryData<string, string, string, Fact?> Facts => new()
    {
        { """{"type":"reaction_added","user":"U1","reaction":"tada","item":{"type":"message","channel":"C1","ts":"1.1"}}""", "reaction", "C1", new Reacted("C1/1.1", "tada", false) },
        { """{"type":"reaction_removed","user":"U1","reaction":"tada","item":{"type":"message","channel":"C1","ts":"1.1"}}""", "reaction", "C1", new Reacted("C1/1.1", "tada", true) },
        { """{"type":"member_joined_channel","user":"U1","channel":"C1"}""", "member_join", "C1", new MemberJoined() },
        { """{"type":"member_left_channel","user":"U1","channel":"C1"}""", "member_leave", "C1", new MemberLeft() },
        { """{"type":"team_join","user":{"id":"U1"}}""", "member_join", "T1", new MemberJoined() },
        { """{"type":"file_shared","user_id":"U1","channel_id":"C1","file_id":"F1","file":{"id":"F1"}}""", "file_share", "C1", new FileShared("F1", null) },
        { """{"type":"channel_created","channel":{"id":"C1","name":"new","creator":"U1"}}""", "channel_created", "C1", null },
        { """{"type":"pin_added","user":"U1","channel_id":"C1","item":{}}""", "pin", "C1", null },
        { """{"type":"link_shared","user":"U1","channel":"C1","links":[]}""", "link", "C1", null },
        { """{"type":"app_uninstalled"}""", "server_leave", "T1", new ServerLeft() },
        { """{"type":"tokens_revoked","tokens":{"bot":["UBOT"]}}""", "server_leave", "T1", new ServerLeft() },
        { """{"type":"app_installed","name":"Team","user":"U1"}""", "server_join", "T1", new ServerJoined("Team", "U1") },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public void Everything_else_that_happens_is_a_fact(string json, string type, string channel, Fact? fact)
    {
        var e = Decoding.Only(json);
        e.Type.ShouldBe(type);
        MessageTypes.All.ShouldContain(e.Type);
        e.Channel.ShouldBe(new ChannelId(Platform.Slack, "T1", channel));
        e.Fact.ShouldBe(fact);
        e.OccurredAt.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1700000000));
    }

    [Theory]
    [InlineData("/rookery", "ping", "!ping")]
    [InlineData("/rookery", "  quote add &quot;x&quot; a &amp; b ", "!quote add &quot;x&quot; a & b")]
    [InlineData("/rookery", "!ping", "!ping")]
    [InlineData("/rookery", "#weather Paris", "#weather Paris")]
    [InlineData("/rookery", "", "!help")]
    [InlineData("/quote", "add x", "!quote add x")]
    [InlineData("/quote", "", "!quote")]
    public void A_slash_command_is_a_command_line(string command, string text, string line)
    {
        var e = Decoding.Payload(
            $$"""{"team_id":"T1","channel_id":"C1","user_id":"U1","user_name":"ada","command":"{{command}}","text":"{{text}}","response_url":"https://hooks.example/1","trigger_id":"1.2"}""").Events.Single();

        e.Type.ShouldBe(MessageTypes.SlashCommand);
        e.Text.ShouldBe(line);
        e.UserName.ShouldBe("ada");
        ReplyPlace.Parse(e.ReplyHandle).Url.ShouldBe("https://hooks.example/1");
        e.Payload!.Value.GetRawText().ShouldNotContain("hooks.example");
    }

    [Fact]
    public void A_form_tells_its_fields_and_answers_its_sender()
    {
        var e = Decoding.Payload("""
            {"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1","username":"ada"},"view":{"callback_id":"calendar:create","state":{"values":{
            "b1":{"title":{"type":"plain_text_input","value":"Tea"}},"b2":{"who":{"type":"multi_users_select","selected_users":["U2","U3"]}},
            "b3":{"kind":{"type":"static_select","selected_option":{"value":"open"}}},"b4":{"empty":{"type":"plain_text_input","value":null}}}}}}
            """).Events.Single();

        e.Type.ShouldBe("modal_submit");
        var form = e.Fact.ShouldBeOfType<Interacted>();
        form.CustomId.ShouldBe("calendar:create");
        form.Values.ShouldBe(["title=Tea", "who=U2", "who=U3", "kind=open"]);
        ReplyPlace.Parse(e.ReplyHandle).User.ShouldBe("U1");
    }

    [Fact]
    public void Several_actions_are_several_events_of_their_own()
    {
        var events = Decoding.Payload("""
            {"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"channel":{"id":"C1"},"response_url":"https://hooks.example/2","message":{"ts":"1.1","thread_ts":"1.0"},"actions":[
            {"type":"button","action_id":"a:b:1","value":"x"},{"type":"checkboxes","action_id":"a:b:2","selected_options":[{"value":"p"},{"value":"q"}]},{"type":"datepicker","action_id":"a:b:3","selected_date":"2026-03-01"}]}
            """).Events;

        events.Select(e => e.Type).ShouldBe(["button_click", "select_menu", "select_menu"]);
        events.Select(e => e.MessageId).ShouldBeUnique();
        events.Select(e => string.Join(',', ((Interacted)e.Fact!).Values)).ShouldBe(["x", "p,q", "2026-03-01"]);
        ReplyPlace.Parse(events[0].ReplyHandle).ShouldBe(new ReplyPlace("1.0", "https://hooks.example/2"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"team_id":"T1"}""")]
    [InlineData("""{"team_id":"T1","event":{"type":"brand_new","user":"U1"}}""")]
    [InlineData("""{"team_id":"T1","event":{"type":5}}""")]
    [InlineData("""{"team_id":"T1","event":{"type":"channel_created","channel":"C1"}}""")]
    [InlineData("""{"team_id":"T1","command":"/rookery"}""")]
    [InlineData("""{"team_id":"T1","type":"block_actions"}""")]
    [InlineData("""{"team_id":["T1"],"event":[]}""")]
    public void What_nobody_knows_is_tolerated(string json) => Decoding.Payload(json).Reading.ShouldBe(Reading.Unknown);
}
