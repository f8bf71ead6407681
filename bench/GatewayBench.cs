using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Bench.Load;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Simulators.Discord;

namespace Rookery.Bench;

/// <summary>
/// <c>bench gateway</c>: messages of Discord's gateway that are no commands, from the bytes of their frames until they are
/// done with, in this process and without sockets; then the memory of a server that a thousand channels talk to.
/// </summary>
internal static class GatewayBench
{
    private const int Channels = 1000;
    private const int Users = 5000;
    private const int Frames = 20_000;
    private static readonly string[] Roles = ["41771983423143936"];
    private const string Guild = "81384788765712384";

    private const int UnderWay = 2000;

    private static ReadOnlySpan<byte> MessageId => "\"id\":\"1300000001"u8;

    private static readonly Option<int> Seconds = new("--seconds") { DefaultValueFactory = _ => 8, Description = "Length of each round." };
    private static readonly Option<int> Rounds = new("--rounds") { DefaultValueFactory = _ => 3 };
    private static readonly Option<bool> NoServer = new("--no-server") { Description = "Leaves the memory out." };

    public static Command Make()
    {
        var command = new Command("gateway", "Messages of Discord's gateway a second and a CPU second, and the memory of a node.") { Seconds, Rounds, NoServer };
        command.SetAction(async (parsed, ct) =>
        {
            var folder = Path.Combine(Repository.Root, "artifacts", "bench");
            Directory.CreateDirectory(folder);
            var postgres = await EmbeddedPostgres.StartAsync(folder, Console.Error.WriteLine, ct);
            try
            {
                var database = await BenchDatabase.FreshAsync(postgres.ConnectionString, "gateway", ct);
                await FramesAsync(database, folder, TimeSpan.FromSeconds(parsed.GetValue(Seconds)), parsed.GetValue(Rounds), ct);
                if (!parsed.GetValue(NoServer))
                {
                    await MemoryAsync(database, folder, ct);
                }
            }
            finally
            {
                await postgres.StopAsync(CancellationToken.None);
            }
        });
        return command;
    }

    private static async Task FramesAsync(string database, string folder, TimeSpan length, int rounds, CancellationToken ct)
    {
        var done = new Done();
        await using var server = await InProcess.StartAsync(database, folder, ct, services => services.AddSingleton<IActivityHook>(done));
        await RouterBench.AddRulesAsync(database, ct);
        var dispatches = server.Get<DiscordDispatches>();
        var frames = Messages.Lines().Where(l => l[0] is not ('!' or '#')).Take(Frames).Select(Frame).ToList();
        await TakeAsync(dispatches, Guilds(), 0, ct);
        Console.Error.WriteLine($"{frames.Count} frames, {frames.Average(f => f.Length):0} bytes each; every channel is seen once.");
        await RunAsync(dispatches, frames, done, TimeSpan.FromSeconds(4), ct);
        using var types = new Allocations();
        for (var round = 1; round <= rounds; round++)
        {
            var (cpu, allocated, started) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
            var count = await RunAsync(dispatches, frames, done, length, ct);
            var (spent, elapsed) = (Environment.CpuUsage.TotalTime - cpu, Stopwatch.GetElapsedTime(started));
            RouterBench.Report("gateway messages", new
            {
                round,
                per_second = Math.Round(count / elapsed.TotalSeconds),
                per_cpu_second = Math.Round(count / spent.TotalSeconds),
                cpu_us_per_message = Math.Round(spent.TotalMicroseconds / count, 2),
                bytes_per_message = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / count,
            });
        }

        foreach (var (type, share) in types.Most(40))
        {
            Console.Error.WriteLine($"{share,7:P1} {type}");
        }
    }

    /// <returns>How many were done with.</returns>
    private static async Task<long> RunAsync(
        DiscordDispatches dispatches, List<byte[]> frames, Done done, TimeSpan length, CancellationToken ct)
    {
        var (started, before, sent) = (Stopwatch.GetTimestamp(), done.Count, 0L);
        while ((sent & 1023) != 0 || Stopwatch.GetElapsedTime(started) < length)
        {
            var frame = frames[(int)(sent % frames.Count)];
            Renumber(frame, before + sent);
            await TakeAsync(dispatches, frame, sent, ct);
            sent++;
            while (before + sent - done.Count > UnderWay)
            {
                await Task.Delay(1, ct);
            }
        }

        while (done.Count < before + sent)
        {
            await Task.Delay(1, ct);
        }

        return sent;
    }

    /// <summary>A message that was there before would not be looked at again.</summary>
    private static void Renumber(byte[] frame, long number)
    {
        var digits = frame.AsSpan(frame.AsSpan().IndexOf(MessageId) + MessageId.Length, 8);
        number.TryFormat(digits, out _, "00000000", CultureInfo.InvariantCulture);
    }

    private static ValueTask TakeAsync(DiscordDispatches dispatches, byte[] bytes, long sequence, CancellationToken ct)
    {
        var frame = Rookery.Platforms.Discord.Gateway.Frame.Read(bytes);
        return dispatches.TakeAsync(new Dispatch(frame.Type!, frame.Data, "bench", sequence), ct);
    }

    /// <summary>A thousand channels talk over a socket to the built server.</summary>
    private static async Task MemoryAsync(string database, string folder, CancellationToken ct)
    {
        await using var discord = new DiscordSimulator();
        await discord.StartAsync(0, ct);
        using var server = await ServerProcess.StartAsync(ServerProcess.Release, folder, database, ct, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Platforms:Discord:BotToken"] = discord.Token,
            ["Platforms:Discord:ApiBaseUrl"] = new Uri(discord.Address, "api/v10/").AbsoluteUri,
        });
        while (discord.Gateway.Identified == 0)
        {
            await Task.Delay(100, ct);
        }

        var lines = Messages.Lines().Where(l => l[0] is not ('!' or '#')).Take(Frames).ToList();
        for (var i = 0; i < lines.Count; i++)
        {
            discord.Say(Id(1991830964, i % Channels), Id(5390883311, i % Users), lines[i]);
            if (i % Channels == 0)
            {
                await Task.Delay(500, ct);
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(3), ct);
        RouterBench.Report("memory", new { channels = Channels, messages = lines.Count, rss_mib = Math.Round(server.RssMiB) });
    }

    private static byte[] Frame(string text, int i) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        t = "MESSAGE_CREATE",
        s = i,
        op = 0,
        d = new
        {
            type = 0,
            tts = false,
            timestamp = "2026-11-20T08:00:00.000000+00:00",
            pinned = false,
            nonce = Id(1300000000, i),
            mentions = Array.Empty<string>(),
            mention_roles = Array.Empty<string>(),
            mention_everyone = false,
            member = new
            {
                roles = Roles,
                premium_since = (string?)null,
                pending = false,
                nick = (string?)null,
                mute = false,
                joined_at = "2024-01-01T00:00:00.000000+00:00",
                flags = 0,
                deaf = false,
                communication_disabled_until = (string?)null,
                avatar = (string?)null,
            },
            id = Id(1300000001, i),
            flags = 0,
            embeds = Array.Empty<string>(),
            edited_timestamp = (string?)null,
            content = text,
            components = Array.Empty<string>(),
            channel_id = Id(1991830964, i % Channels),
            author = new
            {
                username = $"member{(i % Users).ToString(CultureInfo.InvariantCulture)}",
                public_flags = 0,
                id = Id(5390883311, i % Users),
                global_name = "Member",
                discriminator = "0",
                avatar = (string?)null,
            },
            attachments = Array.Empty<string>(),
            guild_id = Guild,
        },
    });

    private static byte[] Guilds() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        t = "GUILD_CREATE",
        s = 0,
        op = 0,
        d = new { id = Guild, name = "Bench", owner_id = Id(5390883311, 0), roles = new[] { new { id = Guild, name = "@everyone", permissions = "1024" } } },
    });

    private static string Id(long prefix, int i) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{i:00000000}");

    /// <summary>Counts what has come all the way.</summary>
    private sealed class Done : IActivityHook
    {
        private long _count;

        public long Count => Volatile.Read(ref _count);

        public ValueTask RecordAsync(InboundEvent e, Entity entity, Member member, CancellationToken ct)
        {
            if (e.Type == MessageTypes.Chat)
            {
                Interlocked.Increment(ref _count);
            }

            return default;
        }
    }
}
