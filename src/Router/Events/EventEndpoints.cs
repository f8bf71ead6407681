using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Router.Events;

/// <summary>Where collectors hand events in. Written against the bare context: this is the busiest route.</summary>
internal static class EventEndpoints
{
    private const int MaxBatch = 1000;

    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/events", PostAsync).Needs(Scopes.EventsWrite).WithTags("events")
            .WithSummary("Hands in one event and waits until what it caused is durable.")
            .Accepts<EventRequest>("application/json")
                .Produces<EventAnswer>()
                .ProducesProblem(400)
                .ProducesProblem(503);
        group.MapPost("/events/batch", PostBatchAsync).Needs(Scopes.EventsWrite).WithTags("events")
            .WithSummary("Hands in up to 1000 events; those of one channel keep their order.")
            .Accepts<BatchRequest>("application/json").Produces<BatchAnswer>().ProducesProblem(400);
    }

    private static async Task PostAsync(
        HttpContext http, IEventTransport transport, EntityDirectory directory, TimeProvider clock)
    {
        EventRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(
                http.Request.Body, RouterJson.Default.EventRequest, http.RequestAborted);
        }
        catch (JsonException e)
        {
            await Problems.Invalid(e.Path ?? "$", "is not the JSON this address expects; see /openapi/v1.json.").ExecuteAsync(http);
            return;
        }

        var (status, answer, errors) = await DeliverAsync(request, http, transport, directory, clock);
        switch (status)
        {
            case 200:
                await WriteAsync(http, answer!, RouterJson.Default.EventAnswer);
                break;
            case 400:
                await Problems.Invalid(errors!).ExecuteAsync(http);
                break;
            case 404:
                await Problems.NotFound($"{errors![0].Field}: {errors[0].Message}").ExecuteAsync(http);
                break;
            default:
                http.Response.Headers.RetryAfter = "1";
                await TypedResults.Problem(errors![0].Message, statusCode: status).ExecuteAsync(http);
                break;
        }
    }

    private static async Task PostBatchAsync(
        HttpContext http, IEventTransport transport, EntityDirectory directory, TimeProvider clock)
    {
        BatchRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(
                http.Request.Body, RouterJson.Default.BatchRequest, http.RequestAborted);
        }
        catch (JsonException e)
        {
            await Problems.Invalid(e.Path ?? "$", "is not the JSON this address expects; see /openapi/v1.json.").ExecuteAsync(http);
            return;
        }

        if (request?.Events is not { Count: >= 1 and <= MaxBatch } events)
        {
            await Problems.Invalid("events", $"must hold 1 to {MaxBatch} events.").ExecuteAsync(http);
            return;
        }

        // Each channel's events one after another, channels side by side: a lane keeps the order it is entered in.
        var results = new BatchResult[events.Count];
        await Task.WhenAll(Enumerable.Range(0, events.Count)
            .GroupBy(i => (events[i]?.Platform, events[i]?.ServerId, events[i]?.ChannelId))
            .Select(async channel =>
            {
                foreach (var i in channel)
                {
                    var (status, answer, errors) = await DeliverAsync(events[i], http, transport, directory, clock);
                    results[i] = new BatchResult(status, answer, errors);
                }
            }));
        await WriteAsync(http, new BatchAnswer(results), RouterJson.Default.BatchAnswer);
    }

    /// <summary>Writes the whole answer at once, with its length, so that it leaves in one packet.</summary>
    private static async Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }

    private static async ValueTask<(int Status, EventAnswer? Answer, IReadOnlyList<FieldError>? Errors)> DeliverAsync(
        EventRequest? request, HttpContext http, IEventTransport transport, EntityDirectory directory, TimeProvider clock)
    {
        var ct = http.RequestAborted;
        if (request is null)
        {
            return (400, null, [new FieldError("$", "must be an event, not null.")]);
        }

        if (request.ToEvent(clock.GetUtcNow(), out var checks) is not { } e)
        {
            return (400, null, checks.Errors);
        }

        try
        {
            // A key that is bound to a community speaks for its channels only; others', and unknown ones, are no
            // business of its.
            if (Caller.Of(http).Community is { } own
                && (await directory.FindByEntityIdAsync(e.Channel.ToString(), ct))?.CommunityId != own)
            {
                return (
                    404,
                    null,
                    [new FieldError("channel_id", "names no channel of this key's community; add it with POST /api/v1/entities.")]);
            }

            var routed = await transport.DeliverAsync(e, ct);
            return routed.Outcome == Outcome.Overloaded
                ? (
                    503,
                    null,
                    [new FieldError("channel_id", "The channel has too many events waiting; nothing was done. Try again.")])
                : (200, EventAnswer.Of(routed), null);
        }
        catch (StorageUnavailableException unavailable)
        {
            return (503, null, [new FieldError("$", unavailable.Message)]);
        }
    }
}
