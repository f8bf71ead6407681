using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Tests.Delivery;

/// <summary>Who waits for whom: senders, channels, answers and posts.</summary>
public sealed class OutboxLaneTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private const int Posts = 5_000;
    private readonly ChangeFeed _feed = new(database.Source, database.Node, TimeProvider.System, NullLogger<ChangeFeed>.Instance);
    private readonly List<IAsyncDisposable> _rows = [];
    private readonly SlowSender _sender = new("fake");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await database.Db.Write.ExecuteAsync($"truncate kernel.outbox", Ct);
        await _feed.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _feed.StopAsync(CancellationToken.None);
        _feed.Dispose();
        foreach (var rows in _rows)
        {
            await rows.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_answer_behind_five_thousand_posts_is_sent_at_once()
    {
        await AddPostsAsync(Posts);
        _sender.Takes = TimeSpan.FromMilliseconds(50);
        await RunAsync(Node(_sender), async () =>
        {
            await SentAsync(k => k.StartsWith("post", StringComparison.Ordinal));
            var started = Stopwatch.GetTimestamp();
            await AddAsync("answer", "c-answer", Answer("c-answer"));
            await SentAsync(k => k == "answer");

            // Three rounds of posts would be through by now; all of them take eight seconds.
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(2));
            _sender.Sent.Count.ShouldBeLessThan(Posts / 2);
            _sender.MostAtOnce.ShouldBeLessThanOrEqualTo(33);
        });
    }

    [Fact]
    public async Task What_is_waited_for_goes_before_the_rest_and_posts_go_last()
    {
        await AddPostsAsync(3);
        await AddAsync("reminder", "c-reminder", Message("c-reminder"));
        await AddAsync("deletion", "c-deletion", new DeleteMessage(Channel("c-deletion"), "m", "rule"));
        await AddAsync("answer", "c-answer", Answer("c-answer"));
        await AddAsync("timeout", "c-timeout", new RestrictMember(Channel("c-timeout"), "u", Restriction.Timeout, null, "rule"));

        await Node(_sender, inFlight: 1).DispatchAsync(Ct);
        _sender.Sent.ShouldBe(["deletion", "answer", "timeout", "reminder", "post0", "post1", "post2"]);
    }

    [Fact]
    public async Task A_channel_that_is_held_up_for_ten_seconds_holds_up_no_other()
    {
        var release = new TaskCompletionSource();
        _sender.Holds = key => key == "slow0" ? release.Task : Task.CompletedTask;
        for (var i = 0; i < 80; i++)
        {
            await AddAsync($"slow{i}", "c-slow", Message("c-slow"));
        }

        for (var i = 0; i < 100; i++)
        {
            await AddAsync($"other{i}", $"c-{i % 10}", Message($"c-{i % 10}"));
        }

        await RunAsync(Node(_sender), async () =>
        {
            await TestHost.EventuallyAsync(() => Task.FromResult(_sender.Sent.Count == 100), "all others are sent");
            _sender.Sent.ShouldAllBe(k => k.StartsWith("other", StringComparison.Ordinal));
            release.SetResult();
            await TestHost.EventuallyAsync(() => Task.FromResult(_sender.Sent.Count >= 110), "the slow channel goes on");
            _sender.Sent.Skip(100).Take(10).ShouldBe(Enumerable.Range(0, 10).Select(i => $"slow{i}"));
        });
    }

    [Fact]
    public async Task A_sender_whose_places_are_all_taken_holds_up_no_other()
    {
        var release = new TaskCompletionSource();
        var stuck = new SlowSender("stuck") { Holds = _ => release.Task };
        for (var i = 0; i < 10; i++)
        {
            await AddAsync($"stuck{i}", $"c-{i}", Message($"c-{i}"), "stuck");
            await AddAsync($"free{i}", $"c-{i}", Message($"c-{i}"));
        }

        var run = Node([stuck, _sender], inFlight: 2).DispatchAsync(Ct);
        await TestHost.EventuallyAsync(() => Task.FromResult(_sender.Sent.Count == 10), "the other sender is done");
        stuck.Sent.Count.ShouldBe(0);
        release.SetResult();
        (await run).ShouldBe(20);
    }

    [Fact]
    public async Task Within_a_channel_the_order_is_kept_and_an_outcome_is_durable_before_the_next_is_sent()
    {
        var undone = new ConcurrentQueue<string>();
        _sender.Before = async key =>
        {
            var open = await database.Db.Write.ValueAsync<long>(
                $"select count(*) from kernel.outbox where id < (select id from kernel.outbox where idempotency_key = {key}) and status = 'pending'", Ct);
            if (open > 0)
            {
                undone.Enqueue(key);
            }
        };
        for (var i = 0; i < 20; i++)
        {
            await AddAsync($"k{i}", "c", Message("c"));
        }

        (await Node(_sender).DispatchAsync(Ct)).ShouldBe(20);
        _sender.Sent.ShouldBe(Enumerable.Range(0, 20).Select(i => $"k{i}"));
        _sender.MostAtOnce.ShouldBe(1);
        undone.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_nodes_share_the_work_and_send_nothing_twice()
    {
        await AddPostsAsync(600);
        var other = new SlowSender("fake") { Takes = TimeSpan.FromMilliseconds(5) };
        _sender.Takes = other.Takes;
        var sums = await Task.WhenAll(Node(_sender).DispatchAsync(Ct), Node(other).DispatchAsync(Ct));

        sums.Sum().ShouldBe(600);
        _sender.Sent.Concat(other.Sent).Distinct(StringComparer.Ordinal).Count().ShouldBe(600);
        sums.ShouldAllBe(s => s > 50);
        (await database.Db.Write.ValueAsync<long>($"select count(*) from kernel.outbox where status = 'sent' and attempts = 1", Ct)).ShouldBe(600);
    }

    [Fact]
    public async Task What_is_put_off_is_tried_again_when_it_is_due_and_not_only_at_the_next_look()
    {
        _sender.Answers = (_, n) => n == 1 ? Sent.TryAgain("wait", TimeSpan.FromMilliseconds(1100)) : new Sent("m");
        await AddAsync("k", "c", Message("c"));
        await RunAsync(Node(_sender, poll: TimeSpan.FromMinutes(5)), async () =>
            await TestHost.EventuallyAsync(() => Task.FromResult(_sender.Sent.Count == 2), "it is tried again"));
    }

    [Fact]
    public async Task A_message_to_the_channel_of_its_row_is_kept_without_it_and_sent_there()
    {
        var (one, another) = (Channel("one"), Channel("two:%"));
        await AddAsync("single", one.ToString(), Message("one"));
        await AddAsync("elsewhere", "some:entity", Message("three"));
        await new Outbox(TimeProvider.System).AddAsync(
            database.Db.Write, [new("first", "fake", 1, one.ToString(), Message("one")), new("second", "fake", 1, another.ToString(), Message("two:%"))], Ct);
        (await database.Db.Write.ListAsync(
            $"select idempotency_key from kernel.outbox where action ? 'channel'", r => r.GetString(0), Ct)).ShouldBe(["elsewhere"]);

        await RunAsync(Node(_sender), () => SentAsync(_ => _sender.Sent.Count == 4));
        _sender.Channels.Order(StringComparer.Ordinal).ShouldBe(["one", "one", "three", "two:%"]);
    }

    /// <summary>A node as it runs: until what is done meanwhile ends.</summary>
    private static async Task RunAsync(OutboxDispatcher node, Func<Task> meanwhile)
    {
        await node.StartAsync(Ct);
        try
        {
            await meanwhile();
        }
        finally
        {
            await node.StopAsync(CancellationToken.None);
        }
    }

    private OutboxDispatcher Node(ISender sender, int inFlight = 64, TimeSpan? poll = null) => Node([sender], inFlight, poll);

    private OutboxDispatcher Node(ISender[] senders, int inFlight, TimeSpan? poll = null)
    {
        var options = Options.Create(new OutboxOptions { InFlight = inFlight, Poll = poll ?? TimeSpan.FromSeconds(1) });
        var rows = new OutboxRows(database.Db, options, TimeProvider.System, NullLogger<OutboxRows>.Instance);
        _rows.Add(rows);
        return new OutboxDispatcher(rows, senders, _feed, TimeProvider.System, options, NullLogger<OutboxDispatcher>.Instance);
    }

    private Task AddPostsAsync(int count) => new Outbox(TimeProvider.System).AddAsync(
        database.Db.Write,
        [.. Enumerable.Range(0, count).Select(i => new OutboxItem($"post{i}", "fake", 1, $"c-post{i}", Message($"c-post{i}"), OutboxPriority.Bulk))],
        Ct);

    private Task<bool> AddAsync(string key, string entity, OutboundAction action, string sender = "fake") =>
        new Outbox(TimeProvider.System).AddAsync(database.Db.Write, key, sender, 1, entity, action, Ct);

    private Task SentAsync(Func<string, bool> which) =>
        TestHost.EventuallyAsync(() => Task.FromResult(_sender.Sent.Any(which)), "it is sent");

    private static ChannelId Channel(string entity) => new(Platform.Sandbox, null, entity);

    private static SendMessage Message(string entity) => new(Channel(entity), new ModuleResponse("test", true, "chat", "Hello"));

    private static SendMessage Answer(string entity) => Message(entity) with { NotAfter = TimeProvider.System.GetUtcNow().AddMinutes(1) };

    private sealed class SlowSender(string name) : ISender
    {
        private int _atOnce;
        private int _calls;

        public string Name => name;

        public ConcurrentQueue<string> Sent { get; } = new();

        public ConcurrentQueue<string> Channels { get; } = new();

        public TimeSpan Takes { get; set; }

        public Func<string, Task> Holds { get; set; } = _ => Task.CompletedTask;

        public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

        /// <summary>By the key and the number of the call, from 1.</summary>
        public Func<string, int, Sent> Answers { get; set; } = (_, _) => new Sent("m");

        public int MostAtOnce { get; private set; }

        public async ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
        {
            lock (Sent)
            {
                MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
            }

            await Before(key.Key);
            await Holds(key.Key);
            await Task.Delay(Takes, ct);
            Channels.Enqueue((action as SendMessage)?.Channel.Channel ?? "");
            Sent.Enqueue(key.Key);
            lock (Sent)
            {
                _atOnce--;
            }

            return Answers(key.Key, Interlocked.Increment(ref _calls));
        }
    }
}
