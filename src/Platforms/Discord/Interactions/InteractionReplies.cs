using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>
/// Answers interactions: at once, or by filling in what was put off, then by further messages. A no is for one person only.
/// </summary>
internal sealed class InteractionReplies(OpenInteractions interactions, InteractionCalls calls, TimeProvider clock)
{
    private const int AlreadyAcknowledged = 40060;
    private const int UnknownMessage = 10008;

    /// <summary>The answer is yet to come. Source: Discord developer documentation, Message flags.</summary>
    private const int Loading = 1 << 7;

    /// <returns>Null when nothing can be said there any more and another way must be taken.</returns>
    public async Task<Sent?> SendAsync(InteractionHandle handle, SendMessage message, string key, CancellationToken ct)
    {
        var answer = InteractionAnswer.Of(handle, message, key);
        if (answer.Problem is { } problem)
        {
            return Sent.Failed(problem);
        }

        var open = interactions.Find(handle);
        await open.Turn.WaitAsync(ct);
        try
        {
            if (open.Standing == Standing.Unknown && !ActionKey.IsReply(key))
            {
                await LookAsync(open, ct);
            }

            return answer.Modal is { } modal
                ? await OpenAsync(open, modal, ct)
                : await SayAsync(open, answer.Parts, key, ct);
        }
        catch (CryptographicException)
        {
            // Its token was sealed with a key that is gone.
            return null;
        }
        finally
        {
            open.Turn.Release();
        }
    }

    /// <summary>An answer that nobody can see, for a component that needs none.</summary>
    public async Task AcknowledgeAsync(InteractionHandle handle, CancellationToken ct)
    {
        var open = interactions.Find(handle);
        await open.Turn.WaitAsync(ct);
        try
        {
            if (open.Standing == Standing.New)
            {
                await calls.AnswerAsync(handle, new MessageCallback(6, null), DiscordJson.Default.MessageCallback, ct);
            }
        }
        finally
        {
            open.Turn.Release();
        }
    }

    /// <summary>What comes later than the rest must not take the place of what was said, only of what was put off.</summary>
    private async Task LookAsync(OpenInteraction open, CancellationToken ct)
    {
        var answer = await calls.LookAsync(open.Handle, ct);
        open.Standing = answer.Ok
            ? (JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.MessageAnswer)!.Flags & Loading) != 0 ? Standing.PutOff : Standing.Answered
            : RestAnswer.CodeOf(answer) == UnknownMessage ? Standing.Answered
            : answer.Status == 404 ? Standing.New
            : Standing.Unknown;
    }

    private async Task<Sent?> SayAsync(
        OpenInteraction open, IReadOnlyList<MessageRequest> parts, string key, CancellationToken ct)
    {
        for (var i = open.Said.GetValueOrDefault(key); i < parts.Count; i++)
        {
            var sent = await SayAsync(open, parts[i], ct);
            if (sent is not { Ok: true })
            {
                return sent is null && i > 0 ? Sent.Failed("The interaction ended within the answer.") : sent;
            }

            open.Said[key] = i + 1;
        }

        DiscordMetrics.Interaction("answered");
        return new Sent(null);
    }

    private Task<Sent?> SayAsync(OpenInteraction open, MessageRequest part, CancellationToken ct)
    {
        if (clock.GetUtcNow() - open.Handle.ArrivedAt >= InteractionHandle.Life)
        {
            open.Standing = Standing.Over;
        }

        return open.Standing switch
        {
            Standing.New => FirstAsync(open, new MessageCallback(4, part), part, DiscordJson.Default.MessageCallback, ct),
            Standing.PutOff or Standing.Unknown => FillAsync(open, part, ct),
            Standing.Answered => FollowUpAsync(open, part, ct),
            _ => Task.FromResult<Sent?>(null),
        };
    }

    /// <summary>A form can only be the first answer, and at once.</summary>
    private async Task<Sent?> OpenAsync(OpenInteraction open, ModalData modal, CancellationToken ct)
    {
        var late = DiscordMessage.Private("The form could not be opened in time. Please try again.");
        return open.Standing == Standing.New
            ? await FirstAsync(open, new ModalCallback(9, modal), late, DiscordJson.Default.ModalCallback, ct)
            : await SayAsync(open, late, ct);
    }

    /// <param name="part">What is said when it turns out not to be the first answer.</param>
    private async Task<Sent?> FirstAsync<T>(
        OpenInteraction open, T callback, MessageRequest part, JsonTypeInfo<T> json, CancellationToken ct)
    {
        var answer = await calls.AnswerAsync(open.Handle, callback, json, ct);
        if (answer.Ok)
        {
            return Said(open);
        }

        if (RestAnswer.CodeOf(answer) == AlreadyAcknowledged)
        {
            open.Standing = Standing.PutOff;
            return open.IsInDoubt && await IsSaidAsync(open, ct) ? Said(open) : await FillAsync(open, part, ct);
        }

        if (answer.Status == 404)
        {
            open.Standing = Standing.Over;
            return null;
        }

        open.IsInDoubt |= RestAnswer.IsInDoubt(answer);
        return RestAnswer.Tell(answer);
    }

    /// <summary>An answer of which Discord did not say whether it took it may be what it was acknowledged with.</summary>
    private async Task<bool> IsSaidAsync(OpenInteraction open, CancellationToken ct)
    {
        if (!open.Handle.IsComponent)
        {
            await LookAsync(open, ct);
        }

        return open.Handle.IsComponent || open.Standing == Standing.Answered;
    }

    private async Task<Sent?> FillAsync(OpenInteraction open, MessageRequest part, CancellationToken ct)
    {
        if (open.Handle.IsComponent)
        {
            return await FollowUpAsync(open, part, ct);
        }

        if (part.IsPrivate)
        {
            // What was put off is there for all to see and stays so; what is for one person only is a message of its own.
            await calls.DeleteAsync(open.Handle, ct);
            return await FollowUpAsync(open, part, ct);
        }

        var answer = await calls.EditAsync(open.Handle, part, ct);
        return answer.Ok ? Said(open)
            : answer.Status == 404 ? await NotThereAsync(open, part, ct)
            : RestAnswer.Tell(answer);
    }

    /// <summary>Discord does not know repeats of these, so one that is in doubt is not sent again.</summary>
    private async Task<Sent?> FollowUpAsync(OpenInteraction open, MessageRequest part, CancellationToken ct)
    {
        var answer = await calls.FollowUpAsync(open.Handle, part, ct);
        return answer.Ok ? Said(open)
            : answer.Status == 404 ? await NotThereAsync(open, part, ct)
            : RestAnswer.IsInDoubt(answer) ? Sent.Failed("Discord did not say whether it took the answer.")
            : RestAnswer.Tell(answer);
    }

    /// <summary>After a restart it may never have been answered at all; else it is over.</summary>
    private Task<Sent?> NotThereAsync(OpenInteraction open, MessageRequest part, CancellationToken ct)
    {
        open.Standing = open.Standing == Standing.Unknown ? Standing.New : Standing.Over;
        return SayAsync(open, part, ct);
    }

    private static Sent Said(OpenInteraction open)
    {
        open.Standing = Standing.Answered;
        return new Sent(null);
    }
}
