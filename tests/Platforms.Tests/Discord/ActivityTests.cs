using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord;
using Rookery.Simulators.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class ActivityTests(DiscordHost bot) : IClassFixture<DiscordHost>
{
    private static readonly string Soon = TimeProvider.System.GetUtcNow().AddHours(1).ToString("O");
    private static readonly string Just = TimeProvider.System.GetUtcNow().AddMinutes(-1).ToString("O");

    private readonly string _user = $"u{Guid.NewGuid():N}";
    private readonly ActivityBook _book = new(bot.Host);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, int> Facts => new()
    {
        { "MESSAGE_REACTION_ADD", """{"channel_id":"c","message_id":"m","emoji":{"id":null,"name":"🐦"}}""", "reaction", 2 },
        { "GUILD_MEMBER_ADD", "{}", "member_join", 10 },
        { "GUILD_MEMBER_REMOVE", "{}", "member_leave", -5 },
        { "GUILD_MEMBER_UPDATE", $$"""{"premium_since":"{{Just}}"}""", "boost", 100 },
        { "GUILD_MEMBER_UPDATE", $$"""{"communication_disabled_until":"{{Soon}}"}""", "timeout", -10 },
        { "GUILD_BAN_ADD", "{}", "ban", -50 },
        { "VOICE_STATE_UPDATE", """{"channel_id":"v"}""", "voice_join", 8 },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public async Task Every_scored_event_of_Discord_becomes_an_activity_with_its_points(
        string dispatch, string fields, string activity, int points)
    {
        var user = new JsonObject { ["id"] = _user, ["username"] = "ada" };
        var data = JsonNode.Parse(fields)!.AsObject();
        data["guild_id"] = DiscordSimulator.GuildId;
        data["user_id"] = _user;
        data["user"] = user.DeepClone();
        data["member"] = new JsonObject { ["roles"] = new JsonArray(), ["user"] = user };
        bot.Discord.Gateway.Dispatch(dispatch, data);

        await _book.HasAsync("discord", _user, activity, points);
    }

    [Fact]
    public async Task Whoever_is_kicked_is_told_apart_from_one_who_goes()
    {
        bot.Discord.Gateway.Dispatch("GUILD_AUDIT_LOG_ENTRY_CREATE", new JsonObject
        {
            ["id"] = "1",
            ["guild_id"] = DiscordSimulator.GuildId,
            ["action_type"] = 20,
            ["target_id"] = _user,
            ["user_id"] = "1",
        });
        await _book.HasAsync("discord", _user, "kick", -25);
    }

    [Fact]
    public async Task A_thread_and_an_invitation_score_whoever_made_them()
    {
        var guild = DiscordSimulator.GuildId;
        foreach (var isNew in new[] { true, false })
        {
            bot.Discord.Gateway.Dispatch("THREAD_CREATE", new JsonObject
            {
                ["id"] = $"t{isNew}{_user}",
                ["guild_id"] = guild,
                ["parent_id"] = "c",
                ["owner_id"] = _user,
                ["newly_created"] = isNew,
            });
        }

        await _book.HasAsync("discord", _user, "thread_create", 15);

        var guest = $"i{_user}";
        bot.Discord.Gateway.Dispatch("INVITE_CREATE", new JsonObject
        {
            ["guild_id"] = guild,
            ["channel_id"] = "c",
            ["code"] = "abc",
            ["inviter"] = new JsonObject { ["id"] = guest, ["username"] = "ada" },
        });
        await _book.HasAsync("discord", guest, "invite_create", 20);
    }

    [Fact]
    public async Task Messages_of_a_server_with_a_numeric_id_are_scored()
    {
        bot.Discord.Say("talk", _user, "hello");

        await _book.HasAsync("discord", _user, "message", 5, isStored: false);
    }

    [Fact]
    public async Task A_command_is_scored_as_an_event_that_is_stored()
    {
        bot.Discord.Say("talk", _user, "!ping");

        await _book.HasAsync("discord", _user, "message", 5);
    }

    [Fact]
    public async Task A_line_that_a_resumed_session_tells_again_is_scored_once_by_any_node()
    {
        var line = new InboundEvent
        {
            Channel = new ChannelId(Platform.Discord, DiscordSimulator.GuildId, "talk"),
            Type = MessageTypes.Chat,
            UserId = _user,
            UserName = "ada",
            MessageId = bot.Discord.Say("talk", _user, "hello"),
            Text = "hello",
            OccurredAt = TimeProvider.System.GetUtcNow(),
        };
        await _book.HasAsync("discord", _user, "message", 5, isStored: false);

        // An orderly end writes what waits, so what the other node made of it is known then.
        await using (var other = new TestHost { ConnectionString = bot.Host.Database })
        {
            await other.InitializeAsync();
            await other.Get<IEventTransport>().DeliverAsync(line, Ct);
        }

        await _book.HasAsync("discord", _user, "message", 5, isStored: false);
    }

    [Fact]
    public async Task Whole_minutes_in_voice_count_once_although_two_nodes_tell_them()
    {
        var clock = new ManualClock();
        await using var node = new TestHost { ConnectionString = bot.Host.Database };
        await node.InitializeAsync();
        var (one, other) = (Node(bot.Host, clock), Node(node, clock));
        clock.Advance(TimeSpan.FromSeconds(90));
        for (var minute = 0; minute < 3; minute++)
        {
            await Task.WhenAll(one.Minutes.TellAsync(Ct), other.Minutes.TellAsync(Ct));
            await one.Minutes.TellAsync(Ct);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        (await _book.RowsAsync("discord", _user)).Select(r => (r.Type, r.Points)).ShouldBe(Enumerable.Repeat(("voice_time", 1m), 3));
        (await _book.RowsAsync("discord", $"bot{_user}")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Time_in_voice_goes_on_over_a_new_session_and_ends_with_whoever_left()
    {
        var clock = new ManualClock();
        var node = Node(bot.Host, clock);
        clock.Advance(TimeSpan.FromMinutes(1));
        node.Guilds.Note("GUILD_CREATE", Snapshot(_user));
        await node.Minutes.TellAsync(Ct);
        (await _book.RowsAsync("discord", _user)).Count.ShouldBe(1);

        node.Guilds.Note("GUILD_CREATE", Snapshot());
        clock.Advance(TimeSpan.FromMinutes(2));
        await node.Minutes.TellAsync(Ct);

        (await _book.RowsAsync("discord", _user)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Who_came_in_the_middle_of_a_minute_has_not_spent_it()
    {
        var clock = new ManualClock();
        clock.Advance(TimeSpan.FromSeconds(30));
        var node = Node(bot.Host, clock);
        clock.Advance(TimeSpan.FromSeconds(40));
        await node.Minutes.TellAsync(Ct);

        (await _book.RowsAsync("discord", _user)).ShouldBeEmpty();
    }

    private (Guilds Guilds, VoiceMinutes Minutes) Node(TestHost host, ManualClock clock)
    {
        var guilds = new Guilds(clock);
        guilds.Note("GUILD_CREATE", Snapshot(_user));
        return (guilds, new VoiceMinutes(
            guilds, host.Get<IEventTransport>(), Options.Create(new DiscordOptions()), clock, NullLogger<VoiceMinutes>.Instance));
    }

    /// <summary>A server in whose voice channel these are, and a bot.</summary>
    private byte[] Snapshot(params string[] users) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["id"] = $"voice-{_user}",
        ["voice_states"] = new JsonArray([.. users.Append($"bot{_user}").Select(
            u => new JsonObject { ["user_id"] = u, ["channel_id"] = "v" })]),
        ["members"] = new JsonArray(new JsonObject
        {
            ["user"] = new JsonObject { ["id"] = $"bot{_user}", ["username"] = "b", ["bot"] = true },
        }),
    }.ToJsonString());
}
