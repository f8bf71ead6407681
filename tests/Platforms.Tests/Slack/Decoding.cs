using System.Text.Json;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Slack;

namespace Rookery.Platforms.Tests.Slack;

/// <summary>Decodes without a host.</summary>
internal static class Decoding
{
    public static readonly DateTimeOffset Received = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Decoded Payload(string json)
    {
        var people = new People(null!, new ManualClock());
        people.Learn("T1", JsonElement.Parse("""{"id":"U2","team_id":"T1","profile":{"display_name":"Bob"}}"""));
        var payload = JsonElement.Parse(json);
        return new SlackDecoder(Options.Create(new SlackOptions()), people).Decode(payload, "Ev1", Received);
    }

    /// <summary>An event in its wrapper.</summary>
    public static Decoded Event(string e) =>
        Payload($$$"""{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1700000000,"authorizations":[{"user_id":"UBOT","is_bot":true}],"event":{{{e}}}}""");

    public static InboundEvent Only(string e) => Event(e).Events.ShouldHaveSingleItem();
}
