using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Data;
using Rookery.Kernel.Expressions;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Execution;
using Rookery.Workflows.Templates;

namespace Rookery.Workflows.Tests;

/// <summary>Makes workflows of templates over the API and runs them.</summary>
public sealed class TemplateHost : WorkflowHost
{
    public async Task<string> PathAsync(string channel) => $"/api/v1/communities/{(await ChannelAsync(channel)).CommunityId}/workflows/templates";

    internal static Guid IdOf(string name) => ShippedTemplates.All().Single(t => t.Name == name).TemplateId;

    public async Task<JsonObject> InstantiateAsync(string name, string channel)
    {
        using var response = await Http.PostAsJsonAsync(
            $"{await PathAsync(channel)}/{IdOf(name)}/instantiate",
            new JsonObject { ["name"] = $"{name} here", ["entity_id"] = (await ChannelAsync(channel)).EntityId },
            Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Ct));
        return (await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!;
    }

    /// <summary>Makes a draft of a template, changes its settings, and publishes it.</summary>
    /// <param name="settings">JSON: global variables in place of the template's.</param>
    internal async Task<Published> TakeAsync(string name, string channel, string settings = "{}")
    {
        var draft = await InstantiateAsync(name, channel);
        draft["status"]!.GetValue<string>().ShouldBe("draft");
        var (id, community) = (draft["workflow_id"]!.GetValue<Guid>(), draft["community_id"]!.GetValue<long>());
        await Get<Database>().TransactionAsync(
            async t =>
            {
                await t.ExecuteAsync($"update workflows.workflow_definitions set global_variables = global_variables || {settings}::jsonb where workflow_id = {id}", Ct);
                await Get<WorkflowStore>().PublishAsync(t, community, id, "test", Ct);
            },
            Ct);
        return (await Get<Definitions>().FindAsync(id, 1, Ct))!;
    }

    internal async Task<Guid> StartAsync(Published workflow, string channel, string type, params (string Name, Value Value)[] data) => (await Get<Runner>().StartAsync(
        new Start(workflow, await ChannelAsync(channel), type, Value.Object(data), null, "test"), Ct)).Id;

    /// <summary>Runs it to its end and returns what it had sent.</summary>
    internal async Task<IReadOnlyList<string>> RunAsync(Published workflow, string channel, string type, params (string Name, Value Value)[] data) =>
        await SentAsync(await StartAsync(workflow, channel, type, data));

    internal Task<IReadOnlyList<string>> TypeAsync(Published workflow, string channel, string user, string text, string role = "member") =>
        RunAsync(workflow, channel, "command", Typed(user, text, role));

    internal static (string Name, Value Value)[] Typed(string user, string text, string role = "member") =>
    [
        ("username", user), ("user_id", $"id of {user}"), ("user_role", role), ("platform", "sandbox"), ("text", text),
        ("args", Value.List([.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => (Value)a)])),
    ];

    internal static (string Name, Value Value)[] Happened(string type, string user, string message = "", params (string Name, Value Value)[] fact) =>
    [
        ("event_type", type), ("username", user), ("user_id", $"id of {user}"), ("user_role", "member"), ("platform", "sandbox"), ("channel", "sandbox::lab"),
        ("message", message), ("event", Value.Object(fact)),
    ];

    /// <summary>What a run that ended well had sent, in the order of its turns: texts, and tickers with their kind before them.</summary>
    internal async Task<IReadOnlyList<string>> SentAsync(Guid execution)
    {
        await EventuallyAsync(async () => await StatusAsync(execution) is not ("pending" or "running" or "running asleep"), "the run ends");
        (await StatusAsync(execution)).ShouldBe("success", string.Join(", ", await TurnsAsync(execution)));
        return await Get<Database>().Write.ListAsync(
            $"""
            select coalesce(r ->> 'chat_message', 'ticker ' || (r #>> array['response_data', 'action']) || ': ' || (r ->> 'ticker_text'))
            from kernel.outbox cross join lateral (select (action ->> 'response')::jsonb) as x (r)
            where idempotency_key like {$"workflow:{execution:N}:%"} order by split_part(idempotency_key, ':', 3)::integer
            """,
            r => r.GetString(0),
            Ct);
    }
}
