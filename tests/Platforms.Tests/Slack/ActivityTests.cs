using System.Text.Json.Nodes;

namespace Rookery.Platforms.Tests.Slack;

public sealed class ActivityTests(SocketHost fixture) : IClassFixture<SocketHost>
{
    private readonly string _user = $"U{Guid.NewGuid():N}";
    private readonly ActivityBook _book = new(fixture.Host);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, int> Facts => new()
    {
        { """{"type":"message","channel":"C40","text":"hello","ts":"1700000100.000001"}""", "message", 5 },
        { """{"type":"message","channel":"C40","text":"hello","ts":"1700000100.000002","thread_ts":"1700000100.000001"}""", "thread_message", 6 },
        { """{"type":"app_mention","channel":"C40","text":"hello","ts":"1700000100.000003"}""", "app_mention", 8 },
        { """{"type":"reaction_added","reaction":"bird","item":{"type":"message","channel":"C40","ts":"1700000100.000001"}}""", "reaction", 3 },
        { """{"type":"member_joined_channel","channel":"C40"}""", "member_join", 10 },
        { """{"type":"member_left_channel","channel":"C40"}""", "member_leave", -5 },
        { """{"type":"file_shared","channel_id":"C40","file_id":"F1"}""", "file_share", 15 },
        { """{"type":"pin_added","channel_id":"C40"}""", "pin", 10 },
        { """{"type":"link_shared","channel":"C40"}""", "link", 5 },
        { """{"type":"emoji_changed","subtype":"add","name":"rook"}""", "emoji", 2 },
        { """{"type":"function_executed","channel":"C40"}""", "workflow_step", 20 },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public async Task Every_scored_event_of_Slack_becomes_an_activity_with_its_points(string e, string activity, int points)
    {
        var body = JsonNode.Parse(e)!.AsObject();
        body["user"] = _user;
        await fixture.Slack.EventAsync("T1", body, Ct);

        await _book.HasAsync("slack", _user, activity, points);
    }

    [Fact]
    public async Task Who_enters_a_huddle_is_scored_and_who_leaves_it_is_not()
    {
        foreach (var state in new[] { "in_a_huddle", "default_unset" })
        {
            var user = new JsonObject { ["id"] = _user, ["profile"] = new JsonObject { ["huddle_state"] = state } };
            await fixture.Slack.EventAsync("T1", new JsonObject { ["type"] = "user_huddle_changed", ["user"] = user }, Ct);
        }

        await fixture.SettledAsync();
        await _book.HasAsync("slack", _user, "call", 12);
    }

    [Fact]
    public async Task A_channel_that_is_made_scores_its_maker()
    {
        var made = new JsonObject { ["type"] = "channel_created", ["channel"] = new JsonObject { ["id"] = "C41", ["creator"] = _user } };
        await fixture.Slack.EventAsync("T1", made, Ct);

        await _book.HasAsync("slack", _user, "channel_created", 25);
    }

    [Fact]
    public async Task A_slash_command_is_scored()
    {
        await fixture.Slack.CommandAsync("/rookery", "ping", "C40", _user, Ct);

        await _book.HasAsync("slack", _user, "slash_command", 5);
    }

    [Fact]
    public async Task A_reaction_that_is_taken_back_is_not_scored_and_an_event_that_comes_again_counts_once()
    {
        var added = JsonNode.Parse("""{"type":"reaction_added","reaction":"bird","item":{"type":"message","channel":"C40","ts":"1"}}""")!.AsObject();
        added["user"] = _user;
        var id = await fixture.Slack.EventAsync("T1", added, Ct);
        var removed = added.DeepClone().AsObject();
        removed["type"] = "reaction_removed";
        await fixture.Slack.EventAsync("T1", removed, Ct);
        await fixture.Slack.RedeliverAsync(id, Ct);
        await fixture.SettledAsync();

        await _book.HasAsync("slack", _user, "reaction", 3);
    }
}
