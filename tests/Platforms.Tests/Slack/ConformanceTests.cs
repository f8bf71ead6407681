using System.Text.Json;
using Rookery.Platforms.Slack;

namespace Rookery.Platforms.Tests.Slack;

/// <summary>Holds the decoder against Slack's own description of its events and against envelopes that were seen.</summary>
public sealed class ConformanceTests
{
    /// <summary>Topics of the description that are kinds of message and are delivered as <c>message</c>.</summary>
    private const string MessageKinds = "message.";

    [Fact]
    public void Every_envelope_of_socket_mode_becomes_facts()
    {
        foreach (var line in File.ReadLines(Shared("socket-mode-envelopes.ndjson")))
        {
            var envelope = JsonElement.Parse(line);
            var decoded = Decoding.Payload(envelope.GetProperty("payload").GetRawText());

            decoded.Reading.ShouldBe(Reading.Understood, line);
            decoded.Events.ShouldNotBeEmpty(line);
        }
    }

    [Fact]
    public void Every_event_of_the_description_is_known()
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Shared("slack_events_api_async_v1.json")));
        var topics = description.RootElement.GetProperty("topics").EnumerateObject().Select(t => t.Name).ToList();
        topics.Count.ShouldBeGreaterThan(60);

        foreach (var topic in topics.Where(t => !t.StartsWith(MessageKinds, StringComparison.Ordinal)))
        {
            var type = topic.Replace('.', '_');
            var channel = type == "channel_created" ? """{"id":"C1","creator":"U1"}""" : "\"C1\"";
            var decoded = Decoding.Event($$"""
                {"type":"{{type}}","user":"U1","user_id":"U1","channel":{{channel}},"channel_id":"C1","file_id":"F1","text":"x","ts":"1.1",
                "event_ts":"1.1","reaction":"x","item":{"channel":"C1","ts":"1.1"} }
                """);
            decoded.Reading.ShouldNotBe(Reading.Unknown, type);
        }
    }

    [Fact]
    public void Every_example_of_the_description_decodes()
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Shared("slack_events_api_async_v1.json")));
        var wrapper = description.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("GenericEventWrapper");
        var examples = wrapper.GetProperty("x-examples").EnumerateArray().Select(e => e.GetRawText())
            .Concat(wrapper.GetProperty("properties").GetProperty("event").GetProperty("x-examples").EnumerateArray()
                .Select(e => $$"""{"team_id":"T1","event_id":"Ev1","event":{{e.GetRawText()}}}"""))
            .ToList();
        examples.Count.ShouldBeGreaterThan(1);

        examples.ShouldAllBe(example => Decoding.Payload(example).Reading != Reading.Unknown);
    }

    private static string Shared(string file)
    {
        var path = Path.Combine(TestPostgres.RepositoryRoot(), "..", "shared", "data", file);
        Assert.SkipUnless(File.Exists(path), $"{path} is not here, so the decoder was NOT held against it.");
        return path;
    }
}
