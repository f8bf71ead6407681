using Microsoft.Extensions.Logging;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Router.Events;
using Rookery.Router.Executions;
using Rookery.Router.Lanes;
using Rookery.Router.Registry;
using Rookery.Router.Telemetry;

namespace Rookery.Router;

/// <summary>
/// One pass for every event: inbox, entity, moderation, command, permission, limit, execution, reply, record. Handlers
/// return what to say; nothing called from here decides to send anything on its own.
/// </summary>
internal sealed partial class EventRouter(
    Database database,
    LaneTable lanes,
    EntityDirectory directory,
    RecentEvents recent,
    FirstSight firstSight,
    IEnumerable<IMessageScreen> screens,
    IEnumerable<IActivityHook> hooks,
    Screening screening,
    CommandTable commands,
    Executor executor,
    RouterMetrics metrics,
    TimeProvider clock,
    ILogger<EventRouter> log) : IEventTransport
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly IMessageScreen[] _screens = [.. screens];
    private readonly IActivityHook[] _hooks = [.. hooks];

    public async ValueTask<Routed> DeliverAsync(InboundEvent e, CancellationToken ct)
    {
        if (await lanes.EnterAsync(e.Channel) is not { } turn)
        {
            metrics.Routed(Outcome.Overloaded);
            return Overloaded(e);
        }

        try
        {
            using var scope = database.BeginRequest();
            var routed = await HandleAsync(e, turn, ct);
            metrics.Routed(routed.Outcome);
            return routed;
        }
        finally
        {
            turn.Leave();
            lanes.Done();
        }
    }

    private async ValueTask<Routed> HandleAsync(InboundEvent e, Turn turn, CancellationToken ct)
    {
        var entity = await directory.ResolveAsync(e.Channel, ct);
        var context = new EventContext
        {
            EventId = Ids.New(clock.GetUtcNow()),
            Event = e,
            Entity = entity,
            Member = await directory.MemberAsync(e, entity, ct),
            Turn = turn,
        };
        if (!entity.IsActive)
        {
            return context.ToRouted();
        }

        try
        {
            if (e.MessageId is { } id)
            {
                if (recent.Contains(e.Channel.Platform, id))
                {
                    return await firstSight.DescribeAsync(context, null, ct);
                }

                context.IsUnclaimed = true;
            }

            await RunAsync(context, ct);
            if (e.MessageId is { } done)
            {
                recent.Add(e.Channel.Platform, done);
            }

            return context.ToRouted();
        }
        catch (AlreadySeenException seen)
        {
            return await firstSight.DescribeAsync(context, seen.First, ct);
        }
    }

    private async ValueTask RunAsync(EventContext context, CancellationToken ct)
    {
        var message = ToScreen(context.Event);
        var (screen, verdict) = message is null ? (null, Verdict.Pass) : await ScreenAsync(context, message, ct);
        var recording = verdict.Kind == VerdictKind.Block ? Task.CompletedTask : RecordActivityAsync(context, ct);
        try
        {
            await ActAsync(context, message, screen, verdict, ct);
        }
        finally
        {
            await recording;
        }
    }

    /// <summary>What was written: a message, what a message was made into afterwards, or the fields of a form.</summary>
    private static InboundEvent? ToScreen(InboundEvent e) => e switch
    {
        _ when IsTyped(e) => e,
        { Fact: MessageEdited { Text: { } text } } => e with { Text = text },
        { Type: MessageTypes.Form, Fact: Interacted { Values: { Count: > 0 } fields } } =>
            e with { Text = string.Join('\n', fields.Select(Filled)) },
        _ => null,
    };

    /// <summary>Of a field the value: its name is the module's.</summary>
    private static string Filled(string field) => field[(field.IndexOf('=', StringComparison.Ordinal) + 1)..];

    private static bool IsTyped(InboundEvent e) =>
        e is { Type: MessageTypes.Chat or MessageTypes.SlashCommand, Text: not null };

    /// <summary>The first screen that finds something decides.</summary>
    private async ValueTask<(IMessageScreen? Screen, Verdict Verdict)> ScreenAsync(
        EventContext context, InboundEvent message, CancellationToken ct)
    {
        foreach (var screen in _screens)
        {
            var verdict = await screen.ScreenAsync(message, context.Entity, context.Member, ct);
            if (verdict.Kind != VerdictKind.Pass)
            {
                return (screen, verdict);
            }
        }

        return (null, Verdict.Pass);
    }

    /// <summary>An edited message is moderated like any other, but it calls no command.</summary>
    private async ValueTask ActAsync(
        EventContext context, InboundEvent? message, IMessageScreen? screen, Verdict verdict, CancellationToken ct)
    {
        var e = context.Event;
        List<Run>? runs = null;
        if (screen is not null)
        {
            screening.Decide(context, message!, screen, verdict);
            if (verdict.Kind == VerdictKind.Block)
            {
                await screening.ConcludeAsync(context, verdict, ct);
                return;
            }

            if (verdict is { Kind: VerdictKind.Command, Text: { } line } && IsTyped(e))
            {
                runs = await CallAsync(context, runs, line, "rule", ct);
            }
        }

        if (IsTyped(e))
        {
            runs = await CallAsync(context, runs, e.Text!, "command", ct);
        }

        if (commands.For(e.Type) is { Count: > 0 } reactions)
        {
            foreach (var reaction in reactions)
            {
                runs = Add(runs, await executor.AdmitAsync(context, reaction, "event", "", ct));
            }
        }

        if (runs is not null)
        {
            await executor.RunAsync(context, runs, ct);
        }

        if (screen is not null)
        {
            await screening.ConcludeAsync(context, verdict, ct);
        }
    }

    /// <summary>
    /// Calls the command a text names, if it names one. Unknown ones are left to the other bots of the channel.
    /// </summary>
    private async ValueTask<List<Run>?> CallAsync(
        EventContext context, List<Run>? runs, string text, string trigger, CancellationToken ct) =>
        CommandLine.TryRead(text, out var prefix, out var name, out var rest)
            && commands.Find(prefix, name, context.Entity) is { } command
            ? Add(runs, await executor.AdmitAsync(context, command, trigger, rest.ToString(), ct))
            : runs;

    /// <summary>Most of talk calls nothing and needs no list.</summary>
    private static List<Run>? Add(List<Run>? runs, Run? run)
    {
        if (run is not null)
        {
            (runs ??= []).Add(run);
        }

        return runs;
    }

    /// <summary>Without an id a repeat could not be told, so such an event does not come again for the sake of its activity.</summary>
    private async Task RecordActivityAsync(EventContext context, CancellationToken ct)
    {
        foreach (var hook in _hooks)
        {
            try
            {
                await hook.RecordAsync(context.Event, context.Entity, context.Member, ct);
            }
            catch (StorageUnavailableException) when (context.Event.MessageId is not null)
            {
                throw;
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                HookFailed(error, hook.GetType().Name, context.EventId);
            }
        }
    }

    private Routed Overloaded(InboundEvent e)
    {
        var id = Ids.New(clock.GetUtcNow());
        return new Routed
        {
            EventId = id,
            EntityId = e.Channel.ToString(),
            Outcome = Outcome.Overloaded,
            RetryAfter = RetryAfter,
        };
    }

    [LoggerMessage(LogLevel.Error, "The activity hook {Hook} failed for event {EventId}; the event goes on.")]
    private partial void HookFailed(Exception exception, string hook, Guid eventId);
}
