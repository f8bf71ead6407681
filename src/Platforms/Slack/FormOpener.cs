using System.Text.Json;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Slack;

/// <summary>Opens forms as modals, which Slack allows for three seconds after somebody did something.</summary>
internal sealed class FormOpener(WorkspaceCalls calls)
{
    private const string Method = "views.open";

    /// <returns>Null when it is open; else what to tell the person instead.</returns>
    public async Task<string?> OpenAsync(
        string team, SendMessage message, ReplyPlace place, JsonElement form, ActionKey key, CancellationToken ct)
    {
        // A form's name comes back with what was filled in: the module's own, or one with the execution's id.
        var id = $"{message.Response.ModuleName}:form:{key.Key.Split(':').ElementAtOrDefault(1)}";
        var home = place.User is null ? FormPlace.Write(message.Channel.Channel, place) : null;
        var (view, why) = FormView.Of(form, id, home);
        if (view is null)
        {
            return why;
        }

        var answer = await calls.SendAsync(Method, team, new OpenView(place.Trigger!, view), SlackJson.Default.OpenView, null, ct);
        return answer.Ok ? null
            : answer.Error is "expired_trigger_id" or "exchanged_trigger_id" || answer.RetryAfter is not null
                ? "The form could not be opened in time. Please try again."
                : $"The form could not be opened. {SlackErrors.Explain(Method, answer)}";
    }
}
