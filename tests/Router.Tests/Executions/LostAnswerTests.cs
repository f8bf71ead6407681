using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Router.Tests.Executions;

/// <summary>The database writes an execution, and its answer is lost.</summary>
public sealed class LostAnswerTests : IAsyncLifetime
{
    private DatabaseProxy _proxy = null!;
    private TestHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _proxy = new DatabaseProxy(await TestPostgres.CreateDatabaseAsync());
        _host = new TestHost { ConnectionString = _proxy.ConnectionString };
        await _host.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task A_command_whose_row_was_written_unheard_runs_once_all_the_same()
    {
        _proxy.LoseAnswerTo("zebra crossing");
        var routed = await _host.Get<IEventTransport>().DeliverAsync(
            new InboundEvent
            {
                Channel = new ChannelId(Platform.Sandbox, null, "lobby"),
                Type = MessageTypes.Chat,
                MessageId = "unheard-1",
                UserId = "ada",
                UserName = "Ada",
                UserRole = Role.Moderator,
                Text = "!memories add note \"zebra crossing\" \"look both ways\"",
                OccurredAt = _host.Get<TimeProvider>().GetUtcNow(),
            },
            Ct);

        _proxy.Lost.ShouldBe(1);
        routed.Outcome.ShouldBe(Outcome.Replied);
        var db = _host.Get<Database>().Write;
        (await db.ListAsync($"select status from router.command_executions", r => r.GetString(0), Ct)).ShouldBe(["success"]);
        (await db.ValueAsync<long>($"select count(*) from memories.memories", Ct)).ShouldBe(1);
    }
}
