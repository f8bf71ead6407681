using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Expressions;
using Rookery.Kernel.Web;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Nodes;
using Rookery.Workflows.Triggers;

namespace Rookery.Workflows.Webhooks;

/// <summary>What a call of a webhook started.</summary>
/// <param name="Waits">Whether the caller is answered with what the run gives out.</param>
internal sealed record Taken(OpenWebhook Webhook, Started Started, bool Waits);

/// <summary>
/// Takes calls of webhooks. What is cheap is looked at first; only who has the secret can use up what a webhook takes.
/// </summary>
internal sealed class WebhookCalls(
    WebhookTable webhooks, TriggerTable triggers, Definitions definitions, EntityDirectory entities, CallLimiter limiter, RefusedCalls refused,
    Runner runner, TimeProvider clock)
{
    private const int MaxToken = 100;
    private const int MaxKey = 255;

    private static readonly string[] KeyHeaders = ["Idempotency-Key", "X-Delivery-Id"];

    /// <summary>Headers that prove who somebody is: no workflow needs them, and runs are kept.</summary>
    private static readonly HashSet<string> Secrets = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authorization", "Proxy-Authorization", "Cookie", "X-API-Key", Signatures.Header, Signatures.LegacyHeader,
    };

    public async Task<(Taken? Taken, Refusal? Refusal)> TakeAsync(string token, HttpContext http, CancellationToken ct)
    {
        if (token.Length > MaxToken || await webhooks.FindAsync(token, ct) is not { } webhook)
        {
            return (null, Refusal.NotFound);
        }

        var (taken, refusal) = await TakeAsync(webhook, token, http, ct);
        if (refusal is not null)
        {
            refused.Note(webhook, refusal, CallerAddress.Of(http));
        }

        return (taken, refusal);
    }

    private async Task<(Taken? Taken, Refusal? Refusal)> TakeAsync(OpenWebhook webhook, string token, HttpContext http, CancellationToken ct)
    {
        if (!webhook.Enabled)
        {
            return (null, Refusal.Disabled);
        }

        if (await TargetAsync(webhook, ct) is not { } target)
        {
            return (null, Refusal.NotPublished);
        }

        if (!CallerAddress.IsIn(webhook.Allowed, CallerAddress.Of(http)))
        {
            return (null, Refusal.NotAllowed);
        }

        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, ct);
        var body = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        var (cause, refusal) = Prove(webhook, token, http.Request, body.Span);
        refusal ??= await limiter.TakeAsync(webhook, cause.Signature, cause.Key, ct);
        if (refusal is not null)
        {
            return (null, refusal);
        }

        if (Read(http, body.Span) is not { } data)
        {
            return (null, Refusal.BadJson);
        }

        // What has begun is finished, even if the caller hangs up.
        var started = await runner.StartAsync(
            new Start(target.Workflow, target.Entity, "webhook", data, cause.Key, $"webhook:{webhook.WebhookId}", cause.Depth), CancellationToken.None);
        return started.Outcome switch
        {
            StartOutcome.Refused => (null, Refusal.Busy),
            StartOutcome.Full => (null, Refusal.QueueFull),
            _ => (new Taken(webhook, started, target.Waits), null),
        };
    }

    /// <returns>Null: nothing is published that this webhook could start.</returns>
    private async ValueTask<Target?> TargetAsync(OpenWebhook webhook, CancellationToken ct) =>
        triggers.Find(webhook.WorkflowId) is { Trigger: WebhookTrigger trigger } listening
            && await definitions.FindAsync(listening.WorkflowId, listening.Version, ct) is { } workflow
            && await entities.FindByKeyAsync(workflow.EntityKey, ct) is { IsActive: true } entity
            && entity.CommunityId == workflow.Community
            ? new Target(workflow, entity, trigger.Respond == WebhookTrigger.Finished)
            : null;

    private (Cause Cause, Refusal? Refusal) Prove(OpenWebhook webhook, string token, HttpRequest request, ReadOnlySpan<byte> body)
    {
        var proof = Signatures.Check(webhook, token, request, body, clock.GetUtcNow());
        if (proof.Refusal is not null)
        {
            return (default, proof.Refusal);
        }

        return !TryDepth(request, out var depth) ? (default, Refusal.Loop)
            : !TryKey(request, proof, webhook, out var key) ? (default, Refusal.BadKey)
            : (new Cause(proof.Id, key, depth), null);
    }

    /// <summary>How many runs led to this call, as the workflow that made it says.</summary>
    private static bool TryDepth(HttpRequest request, out int depth)
    {
        depth = 0;
        var text = request.Headers[Calls.DepthHeader].ToString();
        return text.Length == 0 || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out depth) && depth <= Start.MaxDepth);
    }

    /// <summary>The same for calls that mean the same: by the key the caller gave, or else by the signature, with a blank that no given key has.</summary>
    private static bool TryKey(HttpRequest request, Proof proof, OpenWebhook webhook, out string? key)
    {
        var given = KeyHeaders.Select(h => request.Headers[h].ToString()).FirstOrDefault(k => k.Length > 0);
        key = given is not null ? $"webhook:{webhook.WebhookId:N}:{given}"
            : proof.Id is { } signature ? $"webhook:{webhook.WebhookId:N}:signature {signature}"
            : null;
        return given is null || (given.Length <= MaxKey && given.All(c => c is >= '!' and <= '~'));
    }

    /// <returns>Null: something cannot be read or kept.</returns>
    private static Value? Read(HttpContext http, ReadOnlySpan<byte> body)
    {
        try
        {
            var payload = body.Trim(" \t\r\n"u8).IsEmpty ? Value.EmptyObject : Value.Parse(body);
            var data = Value.Object(
                ("payload", payload), ("headers", Headers(http.Request)), ("query", Query(http.Request)), ("ip_address", CallerAddress.Of(http)?.ToString()));

            // A value has U+FFFD for U+0000; callers are told instead. Only a body that names it in some way is looked at closely, which
            // costs as much as reading it did.
            if ((body.IndexOf("\\u0000"u8) < 0 || Checks.Storable(JsonElement.Parse(body)))
                && !http.Request.QueryString.ToString().Contains("%00", StringComparison.Ordinal))
            {
                return data;
            }
        }
        catch (JsonException)
        {
            // Refused below, like what can be read and not be kept.
        }

        return null;
    }

    private static Value Headers(HttpRequest request)
    {
        var headers = new ObjectBuilder(request.Headers.Count);
        foreach (var (name, value) in request.Headers)
        {
            if (!Secrets.Contains(name))
            {
                headers.Set(name.ToLowerInvariant(), value.ToString());
            }
        }

        return headers.Build();
    }

    /// <summary>A name that comes once has a text, one that comes more often a list.</summary>
    private static Value Query(HttpRequest request)
    {
        var query = new ObjectBuilder();
        foreach (var (name, values) in request.Query)
        {
            query.Set(name, values.Count == 1 ? values[0] : Value.List([.. values.Select(v => (Value)v)]));
        }

        return query.Build();
    }

    private sealed record Target(Published Workflow, Entity Entity, bool Waits);

    /// <param name="Key">The same for calls that mean the same.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Cause(string? Signature, string? Key, int Depth);
}
