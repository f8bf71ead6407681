using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Telemetry;

namespace Rookery.Kernel.Tests.Delivery;

/// <summary>Each test begins with an empty outbox, since a dispatcher claims whatever is there.</summary>
public sealed class OutboxTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private readonly FakeSender _sender = new();
    private readonly List<IAsyncDisposable> _rows = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await database.Db.Write.ExecuteAsync($"truncate kernel.outbox", Ct);

    public async ValueTask DisposeAsync()
    {
        foreach (var rows in _rows)
        {
            await rows.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_same_key_twice_is_one_sending()
    {
        (await AddAsync("k1")).ShouldBeTrue();
        (await AddAsync("k1")).ShouldBeFalse();
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(1);
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(0);
        (await AddAsync("k1")).ShouldBeFalse();
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(0);

        _sender.Sent.ShouldBe(["k1"]);
        (await RowAsync("k1")).ShouldBe(("sent", 1, false, null));
    }

    [Fact]
    public async Task What_a_rolled_back_transaction_added_is_never_sent()
    {
        await Should.ThrowAsync<InvalidOperationException>(database.Db.TransactionAsync(
            async t =>
            {
                await AddAsync("undone", session: t);
                throw new InvalidOperationException();
            },
            Ct));
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(0);
    }

    [Fact]
    public async Task The_action_arrives_as_it_was_given()
    {
        var action = new SendMessage(
            new ChannelId(Platform.Sandbox, "s:1", "c%2"),
            new ModuleResponse("memories", true, "chat", "Hi \U0001F426"),
            "u1",
            "Ada",
            "m1");
        await new Outbox(_clock).AddAsync(database.Db.Write, "k", "fake", 1, "sandbox:c", action, Ct);
        await Dispatcher().DispatchAsync(Ct);
        _sender.Actions.Single().ShouldBe(action);
    }

    [Fact]
    public async Task A_sending_that_failed_is_tried_again_but_not_before_the_wait_the_platform_asked_for()
    {
        await AddAsync("k");
        _sender.Answer = (_, n) => n == 1 ? Sent.TryAgain("slow down", TimeSpan.FromSeconds(90)) : new Sent("m1");
        await Dispatcher().DispatchAsync(Ct);
        (await RowAsync("k")).ShouldBe(("pending", 1, false, "slow down"));

        _clock.Advance(TimeSpan.FromSeconds(89));
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(0);
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(1);
        (await RowAsync("k")).ShouldBe(("sent", 2, false, null));
    }

    [Fact]
    public async Task A_sender_that_throws_is_tried_again()
    {
        await AddAsync("k");
        _sender.Answer = (_, n) => n == 1 ? throw new HttpRequestException("no route") : new Sent(null);
        await Dispatcher().DispatchAsync(Ct);
        (await RowAsync("k")).ShouldBe(("pending", 1, false, "no route"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Dispatcher().DispatchAsync(Ct);
        (await RowAsync("k")).Status.ShouldBe("sent");
    }

    [Fact]
    public async Task What_cannot_succeed_is_given_up_at_once_and_the_rest_after_the_last_try()
    {
        await AddAsync("hopeless");
        await AddAsync("unlucky");
        _sender.Answer = (key, _) =>
            key == "hopeless" ? Sent.Failed("no such channel") : Sent.TryAgain("busy", TimeSpan.Zero);
        for (var i = 0; i < 10; i++)
        {
            await Dispatcher(maxAttempts: 3).DispatchAsync(Ct);
            _clock.Advance(TimeSpan.FromMinutes(2));
        }

        (await RowAsync("hopeless")).ShouldBe(("failed", 1, false, "no such channel"));
        (await RowAsync("unlucky")).ShouldBe(("failed", 3, false, "busy"));
        _sender.Sent.Count(k => k == "unlucky").ShouldBe(3);
    }

    [Fact]
    public async Task An_action_whose_node_died_while_sending_is_sent_again_and_counted_as_in_doubt()
    {
        await AddAsync("k");
        using var dying = new CancellationTokenSource();
        _sender.Answer = (_, n) =>
        {
            if (n == 1)
            {
                dying.Cancel();
                throw new OperationCanceledException(dying.Token);
            }

            return new Sent("m2");
        };
        var (counter, counted) = (Metrics.OutboxInDoubt, 0L);
        using var listener = new MeterListener();
        listener.EnableMeasurementEvents(counter);
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();

        await Should.ThrowAsync<OperationCanceledException>(Dispatcher().DispatchAsync(dying.Token));
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(0);
        _clock.Advance(TimeSpan.FromSeconds(61));
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(1);

        (await RowAsync("k")).ShouldBe(("sent", 2, true, null));
        counted.ShouldBeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task A_node_that_comes_back_too_late_does_not_change_what_another_did()
    {
        await AddAsync("k");
        var (slow, arrived) = (new TaskCompletionSource(), new TaskCompletionSource());
        _sender.Wait = n => n == 1 ? WaitAsync() : Task.CompletedTask;
        _sender.Answer = (_, n) => n == 1 ? Sent.Failed("too late") : new Sent("m2");
        var first = Dispatcher().DispatchAsync(Ct);
        await arrived.Task;
        _clock.Advance(TimeSpan.FromSeconds(61));
        await Dispatcher().DispatchAsync(Ct);
        slow.SetResult();
        await first;

        (await RowAsync("k")).ShouldBe(("sent", 2, true, null));

        Task WaitAsync()
        {
            arrived.SetResult();
            return slow.Task;
        }
    }

    [Fact]
    public async Task Actions_of_one_channel_go_in_the_order_they_were_added_and_channels_do_not_wait_for_each_other()
    {
        var slow = new TaskCompletionSource();
        for (var i = 0; i < 12; i++)
        {
            await AddAsync($"a{i:00}", "sandbox:a");
            await AddAsync($"b{i:00}", "sandbox:b");
        }

        _sender.Wait = n => n == 1 ? slow.Task : Task.CompletedTask;
        var run = Dispatcher().DispatchAsync(Ct);
        await TestHost.EventuallyAsync(() => Task.FromResult(_sender.Sent.Count >= 12), "the other channel is done");
        slow.SetResult();
        await run;

        _sender.Sent.Where(k => k[0] == 'a').ShouldBe(Enumerable.Range(0, 12).Select(i => $"a{i:00}"));
        _sender.Sent.Where(k => k[0] == 'b').ShouldBe(Enumerable.Range(0, 12).Select(i => $"b{i:00}"));
    }

    [Fact]
    public async Task What_has_no_sender_here_is_left_to_other_nodes()
    {
        await new Outbox(_clock).AddAsync(database.Db.Write, "k", "elsewhere", null, null, Message("sandbox:c"), Ct);
        (await Dispatcher().DispatchAsync(Ct)).ShouldBe(0);
        (await RowAsync("k")).Status.ShouldBe("pending");
    }

    private OutboxDispatcher Dispatcher(int maxAttempts = 12)
    {
        var options = Options.Create(new OutboxOptions { MaxAttempts = maxAttempts });
        var rows = new OutboxRows(database.Db, options, _clock, NullLogger<OutboxRows>.Instance);
        _rows.Add(rows);
        return new OutboxDispatcher(
            rows,
            [_sender],
            new ChangeFeed(database.Source, database.Node, _clock, NullLogger<ChangeFeed>.Instance),
            _clock,
            options,
            NullLogger<OutboxDispatcher>.Instance);
    }

    private Task<bool> AddAsync(string key, string entity = "sandbox:c", Session? session = null) =>
        new Outbox(_clock).AddAsync(session ?? database.Db.Write, key, "fake", 1, entity, Message(entity), Ct);

    private static SendMessage Message(string entity) =>
        new(new ChannelId(Platform.Sandbox, null, entity), new ModuleResponse("test", true, "chat", "Hello"));

    private async Task<(string Status, int Attempts, bool InDoubt, string? Error)> RowAsync(string key) => (await database.Db.Write.ListAsync(
        $"select status, attempts, in_doubt, last_error from kernel.outbox where idempotency_key = {key}",
        r => (r.GetString(0), r.GetInt32(1), r.GetBoolean(2), r.IsDBNull(3) ? null : r.GetString(3)),
        Ct)).Single();

    private sealed class FakeSender : ISender
    {
        private int _calls;

        public string Name => "fake";

        public ConcurrentQueue<string> Sent { get; } = new();

        public ConcurrentQueue<OutboundAction> Actions { get; } = new();

        /// <summary>By the key and the number of the call, from 1.</summary>
        public Func<string, int, Sent> Answer { get; set; } = (_, _) => new Sent(null);

        public Func<int, Task> Wait { get; set; } = _ => Task.CompletedTask;

        public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
        {
            var call = Interlocked.Increment(ref _calls);
            await Wait(call);
            Sent.Enqueue(key.Key);
            Actions.Enqueue(action);
            return Answer(key.Key, call);
        }
    }
}
