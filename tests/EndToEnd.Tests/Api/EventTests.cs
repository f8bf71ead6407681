using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;

namespace Rookery.EndToEnd.Tests.Api;

/// <summary>A host with a command that never ends by itself and one that says back what it was told.</summary>
public sealed class PatientHost : TestHost
{
    public PatientHost() => Configure = services => services
        .AddSingleton(new RegisteredCommand(
            "test", "1.0.0", new CommandSpec("forever", "Waits.") { Timeout = TimeSpan.FromSeconds(1) }, new Forever()))
        .AddSingleton(new RegisteredCommand("test", "1.0.0", new CommandSpec("echo", "Says it back."), new Echo()));

    private sealed class Forever : ICommand
    {
        public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct)
        {
            await Task.Delay(Timeout.Infinite, ct);
            return Reply.Text("never");
        }
    }

    private sealed class Echo : ICommand
    {
        public ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct) => new(Reply.Text(call.ArgumentText));
    }
}

public sealed class EventTests(PatientHost host) : IClassFixture<PatientHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_ends_at_its_own_time_limit_and_its_row_says_so()
    {
        var answer = await host.SayAsync("!forever", channel: "patience");

        answer.Text("outcome").ShouldBe("failed");
        var row = await host.Http.CallAsync("GET", $"/api/v1/executions/{answer.Text("execution_id")}");
        (row.Text("status"), row.Number("response_status")).ShouldBe(("failed", 504));
        row.Text("error_message").ShouldContain("within 1 s");
    }

    [Fact]
    public async Task A_channel_that_nobody_set_up_answers_its_first_command_and_the_second_like_the_first()
    {
        var channel = $"new{Guid.NewGuid():N}";

        TestHost.Lines(await host.SayAsync("!ping", channel: channel)).ShouldBe(["Pong!"]);
        TestHost.Lines(await host.SayAsync("!ping", channel: channel)).ShouldBe(["Pong!"]);
    }

    [Fact]
    public async Task Each_answer_of_a_batch_stands_in_the_place_of_its_event()
    {
        var events = Enumerable.Range(0, 60)
            .Select(i => new JsonObject
            {
                ["platform"] = "sandbox",
                ["channel_id"] = $"batch{i % 7}",
                ["message_type"] = "chatMessage",
                ["user_id"] = "ada",
                ["user_name"] = "ada",
                ["message_content"] = i % 9 == 8 ? "just words" : $"!echo {i}",
            });

        var batch = await host.Http.CallAsync(
            "POST", "/api/v1/events/batch", new JsonObject { ["events"] = new JsonArray([.. events]) });

        batch["results"]!.AsArray().Select(r => string.Join('|', TestHost.Lines(r!["result"]!.AsObject())))
            .ShouldBe(Enumerable.Range(0, 60).Select(i => i % 9 == 8 ? "" : $"{i}"));
    }

    [Fact]
    public async Task Nothing_that_was_asked_leaves_a_transaction_open()
    {
        await host.SayAsync("!echo open?", channel: "transactions");
        await host.Http.CallAsync("GET", "/api/v1/executions");
        await host.Http.CallAsync("GET", "/api/v1/executions/not-an-id", expect: 404);

        var db = host.Services.GetRequiredService<Kernel.Data.Database>();
        await TestHost.EventuallyAsync(
            async () => await db.Write.ValueAsync<long>(
                $"""
                select count(*) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'
                """,
                Ct) == 0,
            "no transaction is left open");
    }
}
