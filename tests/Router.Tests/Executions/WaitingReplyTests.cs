using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Router.Tests.Executions;

/// <summary>Answers that a platform's limits put off.</summary>
public sealed class WaitingReplyTests(WaitingReplyTests.BusyHost host) : IClassFixture<WaitingReplyTests.BusyHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_that_must_wait_is_said_when_its_time_comes()
    {
        host.Sender.Busy["later"] = Sent.TryAgain("The channel is full.", TimeSpan.FromSeconds(20));
        (await AskAsync("later")).ShouldBe("outbox");
        host.Sender.Said.ShouldNotContain("later");

        host.Sender.Busy.TryRemove("later", out _);
        ((ManualClock)host.Clock!).Advance(TimeSpan.FromSeconds(20));

        await EventuallyAsync("later", "sent");
        host.Sender.Said.Count(c => c == "later").ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_that_waited_too_long_is_dropped_and_its_row_says_so()
    {
        host.Sender.Busy["late"] = Sent.TryAgain("The channel is full.", TimeSpan.FromSeconds(50));
        (await AskAsync("late")).ShouldBe("outbox");

        host.Sender.Busy.TryRemove("late", out _);
        ((ManualClock)host.Clock!).Advance(TimeSpan.FromSeconds(61));

        (await EventuallyAsync("late", "failed")).ShouldContain("too late");
        host.Sender.Said.ShouldNotContain("late");
    }

    [Fact]
    public async Task An_answer_that_may_have_been_said_is_not_said_again()
    {
        host.Sender.Busy["doubt"] = Sent.TryAgain("The channel is full.", TimeSpan.FromSeconds(10));
        await AskAsync("doubt");

        // Not while the outbox itself has it under way, which would end only with the lease.
        await TestHost.EventuallyAsync(
            async () => await host.Get<Database>().Write.ExecuteAsync(
                $"update kernel.outbox set lease = gen_random_uuid() where entity_id = 'sandbox:doubt' and lease is null", Ct) == 1,
            "nobody has it under way");

        host.Sender.Busy.TryRemove("doubt", out _);
        ((ManualClock)host.Clock!).Advance(TimeSpan.FromSeconds(30));

        (await EventuallyAsync("doubt", "failed")).ShouldContain("not said twice");
        host.Sender.Said.ShouldNotContain("doubt");
    }

    [Fact]
    public async Task An_answer_that_stands_in_part_does_not_begin_anew()
    {
        host.Sender.Busy["part"] = Sent.TryAgain("The channel is full.", TimeSpan.FromSeconds(10)) with { MayStand = true };

        (await AskAsync("part")).ShouldBe("The channel is full.");
    }

    /// <returns>What the execution's row says of its delivery.</returns>
    private async Task<string> AskAsync(string channel)
    {
        await host.Get<IEventTransport>().DeliverAsync(
            new InboundEvent
            {
                Channel = new ChannelId(Platform.Sandbox, null, channel),
                Type = MessageTypes.Chat,
                UserId = "ada",
                UserName = "Ada",
                Text = "!ping",
                MessageId = channel,
                OccurredAt = host.Clock!.GetUtcNow(),
                ReplyPath = ReplyPath.Sender,
            },
            Ct);
        var said = "";
        await TestHost.EventuallyAsync(
            async () => (said = await host.Get<Database>().Write.ValueAsync<string>(
                $"select coalesce(max(delivery), '') from router.command_executions where message_id = {channel} and status = 'success'", Ct)).Length > 0,
            "the execution is finished");
        return said;
    }

    /// <returns>The error of the row in the outbox.</returns>
    private async Task<string> EventuallyAsync(string channel, string status)
    {
        await TestHost.EventuallyAsync(
            async () =>
            {
                // Lets the outbox look again: its time is the clock's too.
                ((ManualClock)host.Clock!).Advance(TimeSpan.FromMilliseconds(100));
                return await host.Get<Database>().Write.ValueAsync<long>(
                    $"select count(*) from kernel.outbox where entity_id = {"sandbox:" + channel} and status = {status}", Ct) == 1;
            },
            $"the answer is {status}");
        return await host.Get<Database>().Write.ValueAsync<string>(
            $"select coalesce(last_error, '') from kernel.outbox where entity_id = {"sandbox:" + channel}", Ct);
    }

    public sealed class BusyHost : TestHost
    {
        public BusyHost()
        {
            Clock = new ManualClock();
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Outbox:Poll"] = "00:00:00.1" };
            Configure = services => services.RemoveAll<ISender>().AddSingleton<ISender>(Sender);
        }

        public BusySender Sender { get; } = new();
    }

    public sealed class BusySender : ISender
    {
        /// <summary>By channel: what is answered instead of saying it.</summary>
        public ConcurrentDictionary<string, Sent> Busy { get; } = new(StringComparer.Ordinal);

        public ConcurrentQueue<string> Said { get; } = new();

        public string Name => "sandbox";

        public ValueTask<Sent> SendAsync(OutboundAction action, ActionKey key, CancellationToken ct)
        {
            var channel = ((SendMessage)action).Channel.Channel;
            if (Busy.TryGetValue(channel, out var answer))
            {
                return new(answer);
            }

            Said.Enqueue(channel);
            return new(new Sent(null));
        }
    }
}
