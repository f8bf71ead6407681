using Rookery.Kernel.Data;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

/// <summary>Shards that move from node to node with their sessions.</summary>
public sealed class TwoNodesTests : IAsyncLifetime
{
    private readonly DiscordSimulator _discord = new();
    private Cluster _nodes = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _discord.StartAsync(0, CancellationToken.None);
        _nodes = New();
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _discord.DisposeAsync();
    }

    [Fact]
    public async Task A_killed_nodes_shard_is_resumed_elsewhere_and_nothing_is_lost_or_doubled()
    {
        var first = await _nodes.AddAsync();
        await SaidAsync("k1", "!ping", "Pong!");
        await NotedAsync(first);
        var second = await _nodes.AddAsync();

        await Cluster.KillAsync(first);
        _discord.Say("k2", "42", "!ping");
        await Cluster.HoldAsync(second, 1);
        await SaidAsync("k3", "!ping", "Pong!");

        await EventuallySaidAsync("k2", "Pong!");
        _discord.Ledger.Said("k1").ShouldBe(["Pong!"]);
        _discord.Gateway.Identified.ShouldBe(1);
        _discord.Gateway.Resumed.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_restart_goes_on_where_it_stopped_and_knows_who_may_what()
    {
        var before = await _nodes.AddAsync();
        await SaidAsync("r1", "!ping", "Pong!");
        var keeper = await _nodes.AddAsync();
        await Cluster.HoldAsync(before, 1);
        await _nodes.StopAsync(before);
        await Cluster.HoldAsync(keeper, 1);

        _discord.Say("r2", "43", "!memories add note \"tea\" \"at five\"", "moderators");

        await TestHost.EventuallyAsync(
            () => Task.FromResult(_discord.Ledger.Said("r2").Any(t => t.Contains("at five", StringComparison.Ordinal))), "a moderator still may");
        _discord.Gateway.Identified.ShouldBe(1);
        _discord.Gateway.Resumed.ShouldBe(1);
    }

    [Fact]
    public async Task Shards_are_spread_and_each_command_is_answered_once()
    {
        await _nodes.DisposeAsync();
        _nodes = New(("Platforms:Discord:Shards", "2"));
        var (one, two) = (await _nodes.AddAsync(), await _nodes.AddAsync());
        await Cluster.HoldAsync(one, 1);
        await Cluster.HoldAsync(two, 1);

        await SaidAsync("s1", "!ping", "Pong!");
        _discord.Ledger.Said("s1").ShouldBe(["Pong!"]);
        (await one.Get<Database>().Write.ListAsync($"select entity_id from kernel.coordination order by 1", r => r.GetString(0), Ct))
            .ShouldBe(["discord:shard:0/2", "discord:shard:1/2"]);
    }

    [Fact]
    public async Task Shards_of_all_nodes_take_turns_to_identify()
    {
        var node = await _nodes.AddAsync();
        var clock = new ManualClock();
        var (one, two) = (new IdentifyTurns(node.Get<Database>(), clock), new IdentifyTurns(node.Get<Database>(), clock));
        var five = TimeSpan.FromSeconds(5);

        (await one.TakeAsync(7, five, Ct)).ShouldBe(TimeSpan.Zero);
        (await two.TakeAsync(7, five, Ct)).ShouldBe(five);
        (await one.TakeAsync(7, five, Ct)).ShouldBe(2 * five);
        (await two.TakeAsync(8, five, Ct)).ShouldBe(TimeSpan.Zero);
        clock.Advance(TimeSpan.FromMinutes(1));
        (await one.TakeAsync(7, five, Ct)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_bot_that_is_refused_is_tried_again_later_and_later_and_its_row_says_why()
    {
        _discord.Gateway.RefuseIdentify = 4014;
        var node = await _nodes.AddAsync();

        await TestHost.EventuallyAsync(
            async () => (await node.Get<Database>().Write.ListAsync(
                $"select coalesce(last_error, '') from kernel.coordination where status = 'error' and retry_at > now()", r => r.GetString(0), Ct))
                is [var why] && why.Contains("message content intent", StringComparison.Ordinal),
            "the row says which switch to flip");
    }

    private Cluster New(params (string Name, string Value)[] more) => new(
        new Dictionary<string, string?>(more.Select(m => KeyValuePair.Create<string, string?>(m.Name, m.Value)), StringComparer.Ordinal)
        {
            ["Platforms:Discord:BotToken"] = _discord.Token,
            ["Platforms:Discord:ApiBaseUrl"] = $"{_discord.Address}api/v10/",
        });

    /// <summary>Says something, again and again until a session hears it, and waits for one answer.</summary>
    private async Task SaidAsync(string channel, string text, string answer)
    {
        await TestHost.EventuallyAsync(() => Task.FromResult(_discord.Gateway.Identified > 0 && _discord.Gateway.Open > 0), "a shard is connected");
        _discord.Say(channel, "42", text);
        await EventuallySaidAsync(channel, answer);
    }

    private Task EventuallySaidAsync(string channel, string answer) => TestHost.EventuallyAsync(
        () => Task.FromResult(_discord.Ledger.Said(channel).SequenceEqual([answer], StringComparer.Ordinal)),
        $"{channel} shows {answer}; it shows {string.Join(" / ", _discord.Ledger.Said(channel))}");

    private static Task NotedAsync(TestHost node) => TestHost.EventuallyAsync(
        async () => await node.Get<Database>().Write.ValueAsync<bool>(
            $"select coalesce(bool_and((metadata -> 'session' ->> 'sequence')::int >= 3), false) from kernel.coordination", Ct),
        "the session is noted");
}
