using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>
/// Ends interactions that nobody answered: an interaction is ours alone, and without an answer Discord says that the
/// application failed.
/// </summary>
internal sealed class InteractionEnds(OpenInteractions interactions, InteractionReplies replies, TimeProvider clock)
{
    private const int Attempts = 3;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    public async Task EndAsync(InboundEvent e, InteractionHandle handle, Routed routed, CancellationToken ct)
    {
        if (routed.IsAnsweredLater && !handle.IsComponent)
        {
            // It is put off, and its answer takes that place.
            return;
        }

        var open = interactions.Find(handle);
        if (open.Standing is Standing.New or Standing.PutOff or Standing.Unknown)
        {
            if (handle.IsComponent)
            {
                await replies.AcknowledgeAsync(handle, ct);
            }
            else
            {
                await SayAsync(handle, new SendMessage(e.Channel, Ending(e, routed)), ct);
            }
        }

        interactions.Forget(handle.Id);
    }

    private async Task SayAsync(InteractionHandle handle, SendMessage message, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var sent = await replies.SendAsync(handle, message, $"reply:end:{handle.Id}", ct);
            if (sent is not { Ok: false, RetryAfter: { } wait } || wait > LongestWait)
            {
                return;
            }

            await Task.Delay(wait, clock, ct);
        }
    }

    private static ModuleResponse Ending(InboundEvent e, Routed routed) => routed switch
    {
        // A crash lay between what was done and its answer: it is not done again, but said again.
        { Outcome: Outcome.Duplicate, Responses: [{ ResponseAction: "chat" } said, ..] } => said,
        { Outcome: Outcome.Duplicate, Status: "pending" or "failed" } => Told("That was interrupted. Look whether it was done before you try again."),
        { Outcome: Outcome.Ignored, ExecutionId: null } when e.Type == MessageTypes.SlashCommand =>
            Told($"There is no command {e.Text!.Split(' ', 2)[0]}. Use /help to see what there is."),
        { Outcome: Outcome.Blocked } => Told("That may not be said here."),
        { Outcome: Outcome.Refused, Error: { } error } => Told(error),
        _ when routed.Responses.Any(r => r.ResponseAction is "chat" or "form") => Told("The answer cannot be shown here."),
        _ => Told("Done."),
    };

    private static ModuleResponse Told(string text) => new("discord", false, "chat", ChatMessage: text);
}
