using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Rookery.Bench.Live;

/// <summary>Guilds with snowflakes for ids and a channel each, all of which follow the two stars.</summary>
internal static class LiveSeed
{
    private const int FollowersOfSmall = 10;
    private const long First = 900_000_000_000_000_000;

    /// <summary>What people make of a post: mentions, cards, expressions.</summary>
    private static readonly string[] Templates =
    [
        """{"content":"{streamer_display_name} is live: {stream_title}"}""",
        """{"content":"{mention_role} {streamer_login} plays {game_name}","embed":{"title":"{stream_title}","url":"https://twitch.tv/{streamer_login}"}}""",
        """{"content":"{{ streamer_login }} has {{ viewer_count * 2 }} eyes on {game_name}"}""",
        """
        {"content":"live: {streamer_login}","embed":{"title":"{stream_title}","description":"{game_name}, {viewer_count} viewers","color":6570404,
        "image":{"url":"{stream_thumbnail_url}"},"fields":[{"name":"Game","value":"{game_name}","inline":true}],"timestamp":true}}
        """,
    ];

    public static string Channel(int guild) => (First + 500_000_000 + guild).ToString(CultureInfo.InvariantCulture);

    public static async Task AddAsync(NpgsqlDataSource database, int guilds, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await RunAsync(
            connection,
            """
            create temp table seed_guilds (guild_id text, channel_id text, role_id text, template text);
            create temp table seed_follows (guild_id text, broadcaster text);
            """,
            ct);
        await using (var copy = await connection.BeginBinaryImportAsync("copy seed_guilds from stdin (format binary)", ct))
        {
            for (var i = 0; i < guilds; i++)
            {
                await copy.StartRowAsync(ct);
                await copy.WriteAsync(Guild(i), ct);
                await copy.WriteAsync(Channel(i), ct);
                await copy.WriteAsync(Guild(i + (i % 3)), ct);
                await copy.WriteAsync(Templates[i % Templates.Length], ct);
            }

            await copy.CompleteAsync(ct);
        }

        await using (var copy = await connection.BeginBinaryImportAsync("copy seed_follows from stdin (format binary)", ct))
        {
            var small = LiveStage.Small.SelectMany((s, n) => Enumerable.Range(0, FollowersOfSmall).Select(i => (s, ((n * FollowersOfSmall) + i) % guilds)));
            var middling = LiveStage.Middling.SelectMany(s => Enumerable.Range(0, guilds / LiveStage.MiddlingShare).Select(i => (s, i)));
            var stars = Enumerable.Range(0, guilds).SelectMany(i => new[] { (LiveStage.Star, i), (LiveStage.OtherStar, i) });
            foreach (var (streamer, guild) in stars.Concat(middling).Concat(small))
            {
                await copy.StartRowAsync(ct);
                await copy.WriteAsync(Guild(guild), ct);
                await copy.WriteAsync(streamer, ct);
            }

            await copy.CompleteAsync(ct);
        }

        var names = JsonSerializer.Serialize(LiveStage.All.ToDictionary(s => s, LiveStage.Login, StringComparer.Ordinal));
        await RunAsync(
            connection,
            $"""
            insert into live.guilds (guild_id, name, platform, community_id) select guild_id, guild_id, 'discord', 1 from seed_guilds;
            insert into live.guild_config (guild_id, channel_id, mention_role_id, message_template)
            select guild_id, channel_id, case when role_id <> guild_id then role_id end, template::jsonb from seed_guilds;
            insert into live.streamers (twitch_broadcaster_id, twitch_login) select key, value from jsonb_each_text('{names}'::jsonb);
            insert into live.guild_streamers (guild_id, streamer_id, live_update, on_end)
            select f.guild_id, s.id, false, 'none' from seed_follows f join live.streamers s on s.twitch_broadcaster_id = f.broadcaster;
            analyze live.guilds; analyze live.guild_config; analyze live.guild_streamers;
            """,
            ct);
    }

    private static string Guild(int number) => (First + number).ToString(CultureInfo.InvariantCulture);

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // Made of constants of this folder.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }
}
