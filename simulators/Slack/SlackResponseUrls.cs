using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rookery.Simulators.Slack;

/// <summary>The addresses for answers to commands and interactions: five answers, thirty minutes.</summary>
internal sealed class SlackResponseUrls(SlackSimulator slack, SlackState state, SlackActs acts)
{
    private const int MaxUses = 5;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, Place> _places = new(StringComparer.Ordinal);

    public Uri Make(string channel)
    {
        var id = state.Number().ToString(CultureInfo.InvariantCulture);
        _places[id] = new Place(channel, state.Now + Lifetime);
        return new Uri(slack.Address, $"/respond/{id}");
    }

    public void Map(WebApplication app) => app.MapPost("/respond/{id}", async (HttpContext http, string id) =>
    {
        slack.Count("response_url");
        if (state.NextFailure("response_url") is { } failure)
        {
            await SlackWebApi.FailAsync(http, failure);
            return;
        }

        if (!_places.TryGetValue(id, out var place) || place.Ends < state.Now || Interlocked.Increment(ref place.Uses) > MaxUses)
        {
            await SlackWebApi.FailAsync(http, new SlackFailure(404, "expired_url"));
            return;
        }

        var body = (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!.AsObject();
        var isPrivate = SlackWebApi.Text(body, "response_type") != "in_channel";
        var text = SlackWebApi.Seen(SlackWebApi.Text(body, "text") ?? "");
        if (SlackBlocks.Wrong(body["blocks"] as JsonArray) is { } wrong)
        {
            await SlackWebApi.FailAsync(http, new SlackFailure(400, wrong));
            return;
        }

        var ts = state.Ts();
        acts.Show(place.Channel, ts, body["blocks"]);
        slack.Ledger.Add(state.Now, isPrivate ? "whispered" : "said", place.Channel, ts, text, isPrivate);
        await http.Response.WriteAsync("ok");
    });

    private sealed class Place(string channel, DateTimeOffset ends)
    {
        public int Uses;

        public string Channel => channel;

        public DateTimeOffset Ends => ends;
    }
}
