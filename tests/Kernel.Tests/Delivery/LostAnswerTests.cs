using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Tests.Delivery;

/// <summary>The database does what it was asked, and its answer is lost.</summary>
public sealed class LostAnswerTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_whose_storing_was_not_heard_of_is_handled_once_though_it_comes_again()
    {
        await using var proxy = new DatabaseProxy(database.ConnectionString);
        await using var source = Host.Server.Source(proxy.ConnectionString, "test");
        var handler = new Handler();
        await using var intake = new Intake(
            new Database(source),
            new Node(Guid.NewGuid(), ["test"]),
            new ServiceCollection().AddSingleton<IIntakeHandler>(handler).BuildServiceProvider(),
            TimeProvider.System,
            NullLogger<Intake>.Instance);
        var e = new RawEvent(Platform.Twitch, $"{Guid.NewGuid()}", "channel.follow", "{}", """{"a": 1}""", new ManualClock().GetUtcNow());

        proxy.LoseAnswerTo(e.EventId);
        await Should.ThrowAsync<StorageUnavailableException>(() => intake.AcceptAsync(e));
        proxy.Lost.ShouldBe(1);
        (await intake.AcceptAsync(e)).ShouldBeFalse("it is stored");

        await TestHost.EventuallyAsync(
            () => database.Db.Write.ValueAsync<bool>($"select processed from twitch.twitch_events where event_id = {e.EventId}", Ct),
            "the event is processed");
        handler.Seen.ShouldBe([e.EventId]);
    }

    private sealed class Handler : IIntakeHandler
    {
        public Platform Platform => Platform.Twitch;

        public ConcurrentQueue<string> Seen { get; } = new();

        public ValueTask<TimeSpan?> HandleAsync(RawEvent e, CancellationToken ct)
        {
            Seen.Enqueue(e.EventId);
            return default;
        }
    }
}
