using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>Puts the bot's shards up for claims and runs those that this node wins, when there is a bot.</summary>
internal sealed partial class DiscordGateway(
    IOptions<DiscordOptions> options, DiscordRest rest, DiscordDispatches dispatches, Claims claims, IdentifyTurns turns,
    Guilds guilds, GuildPictures pictures, TimeProvider clock, ILogger<DiscordGateway> log, ILoggerFactory logs)
    : BackgroundService, IClaimant
{
    private const string ShardServer = "shard";
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private IdentifyLimit _limit = null!;
    private Uri _gateway = null!;

    public Platform Platform => Platform.Discord;

    public IReadOnlyList<string> SupportedEvents => EventTypes.All;

    public async Task StartAsync(Claim claim, CancellationToken ct)
    {
        var (id, count) = ParseShard(claim.Channel);
        var known = SessionState.Read(claim.Metadata);
        if (known is not null)
        {
            await pictures.RestoreAsync(id, count, ct);
        }

        var shard = new Shard(
            id, count, options.Value, _limit, dispatches, claim, known, clock, Random.Shared.NextDouble, logs.CreateLogger<Shard>());
        var stop = CancellationTokenSource.CreateLinkedTokenSource(claim.Lost);
        _running[claim.EntityId] = new Running(claim, shard, RunAsync(shard, claim, stop.Token), stop);
    }

    public async Task<string?> StopAsync(Claim claim, CancellationToken ct)
    {
        if (!_running.TryRemove(claim.EntityId, out var running))
        {
            return null;
        }

        await running.Stop.CancelAsync();
        await running.Task;
        running.Stop.Dispose();
        var (id, count) = ParseShard(claim.Channel);
        var session = running.Shard.Session;
        for (var waited = TimeSpan.Zero; claim.IsHeld && session is not null && waited < Farewell; waited += Farewell / 20)
        {
            if (session.Settle() == session.Sequence)
            {
                break;
            }

            await Task.Delay(Farewell / 20, clock, ct);
        }

        try
        {
            return claim.IsHeld ? await NoteAsync(running, ct) : null;
        }
        finally
        {
            guilds.ForgetVoice(id, count);
        }
    }

    public ValueTask<string?> NoteAsync(Claim claim, CancellationToken ct) =>
        _running.TryGetValue(claim.EntityId, out var running) ? NoteAsync(running, ct) : default;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsOn)
        {
            return;
        }

        try
        {
            var bot = await AskAsync(stoppingToken);
            var count = options.Value.Shards ?? bot.Shards;
            _limit = new IdentifyLimit(bot.SessionStartLimit, clock, turns, LeftTodayAsync);
            _gateway = options.Value.GatewayUrl ?? bot.Url;
            await OfferAsync(count, stoppingToken);
            claims.Serve(this);
        }
        catch (GatewayRefusedException e)
        {
            Refused(e.Message);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private static (int Id, int Count) ParseShard(string channel) =>
        channel.Split('/') is [var id, var count]
        && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var i)
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && i < n
            ? (i, n)
            : throw new InvalidOperationException($"{channel} is no shard.");

    private async Task RunAsync(Shard shard, Claim claim, CancellationToken ct)
    {
        try
        {
            await shard.RunAsync(_gateway, ct);
        }
        catch (GatewayRefusedException e)
        {
            Refused(e.Message);
            claim.Fail(e.Message);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The claim is given back or lost.
        }
        catch (Exception e)
        {
            Broke(e, claim.EntityId);
            claim.Fail(e.Message);
        }
    }

    /// <summary>The sequence is read before the servers are written, so that they are at least as new.</summary>
    private async ValueTask<string?> NoteAsync(Running running, CancellationToken ct)
    {
        var session = running.Shard.Session;
        var settled = session?.Settle() ?? 0;
        var (id, count) = ParseShard(running.Claim.Channel);
        await pictures.SaveAsync(running.Claim, id, count, ct);
        var note = session?.ToNote(settled) ?? NoSession;
        if (note == running.Noted)
        {
            return null;
        }

        running.Noted = note;
        return note;
    }

    private async Task OfferAsync(int count, CancellationToken ct)
    {
        ChannelId[] shards = [.. Enumerable.Range(0, count).Select(id => new ChannelId(
            Platform.Discord, ShardServer, string.Create(CultureInfo.InvariantCulture, $"{id}/{count}")))];
        while (true)
        {
            try
            {
                await claims.OfferAsync(Platform.Discord, shards, ct);
                return;
            }
            catch (StorageUnavailableException e)
            {
                NotReached(e.Message, AskAgain.TotalSeconds);
                await Task.Delay(AskAgain, clock, ct);
            }
        }
    }

    private async Task<SessionStartLimit?> LeftTodayAsync(CancellationToken ct)
    {
        try
        {
            return (await rest.GatewayAsync(ct)).SessionStartLimit;
        }
        catch (DiscordException)
        {
            // What was known last counts.
            return null;
        }
    }

    private async Task<GatewayBot> AskAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await rest.GatewayAsync(ct);
            }
            catch (DiscordException e) when (e.Status == 401)
            {
                throw new GatewayRefusedException(CloseCodes.Cure(4004, Intents.Default)!);
            }
            catch (DiscordException e)
            {
                NotReached(e.Message, AskAgain.TotalSeconds);
                await Task.Delay(AskAgain, clock, ct);
            }
        }
    }

    private const string NoSession = """{"session":null}""";

    [LoggerMessage(LogLevel.Error, "Discord is off: {Cure}")]
    private partial void Refused(string cure);

    [LoggerMessage(LogLevel.Warning, "Discord cannot be served yet ({Why}); it is tried again in {Seconds} s.")]
    private partial void NotReached(string why, double seconds);

    [LoggerMessage(LogLevel.Error, "{Shard} broke.")]
    private partial void Broke(Exception exception, string shard);

    private sealed record Running(Claim Claim, Shard Shard, Task Task, CancellationTokenSource Stop)
    {
        public string? Noted { get; set; }
    }
}
