using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Host;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Security;

namespace Rookery.Bench;

/// <summary>The server in this process, handed events as a platform's gateway hands them: what is left when HTTP is not there.</summary>
internal sealed class InProcess : IAsyncDisposable
{
    private const int Warmup = 20_000;

    private readonly WebApplication _app;
    private long _nextId = Stopwatch.GetTimestamp();

    private InProcess(WebApplication app) => _app = app;

    public static async Task<InProcess> StartAsync(
        string database, string folder, CancellationToken ct, Action<IServiceCollection>? also = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Logging:LogLevel:Default", "Warning")])
            .Build();
        var app = Server.Build(
            new ServerOptions("127.0.0.1", 0, ServerRoles.All, []),
            configuration,
            database,
            null,
            KeyRing.Open(Path.Combine(folder, "keys.json")),
            also);
        await Server.PrepareAsync(app, ct);
        await app.StartAsync(ct);
        return new InProcess(app);
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Events a second with so many at once, each answered before the next of its worker.</summary>
    public async Task<double> EventsAsync(
        Func<int, string> text, int channels, int users, int atOnce, TimeSpan length)
    {
        var transport = _app.Services.GetRequiredService<IEventTransport>();
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async worker =>
        {
            await Task.Yield();
            var next = new Random(worker);
            var count = 0L;
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                await transport.DeliverAsync(Event(text, next.Next(channels), next.Next(users)), CancellationToken.None);
                count++;
            }

            return count;
        }));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Microseconds that all screens take for one message, on one thread.</summary>
    public async Task<double> ScreenAsync(IReadOnlyList<string> lines)
    {
        var screens = _app.Services.GetServices<IMessageScreen>().ToList();
        var first = Event(i => lines[i % lines.Count], 0, 0);
        var entity = await _app.Services.GetRequiredService<EntityDirectory>().ResolveAsync(first.Channel, CancellationToken.None);
        var member = new Member(first.Channel.Platform, first.UserId, first.UserName, Role.Member);
        var events = lines.Select(line => first with { Text = line }).ToList();
        var started = 0L;
        for (var i = -Warmup; i < events.Count; i++)
        {
            started = i == 0 ? Stopwatch.GetTimestamp() : started;
            foreach (var screen in screens)
            {
                await screen.ScreenAsync(events[(i + Warmup) % events.Count], entity, member, CancellationToken.None);
            }
        }

        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / events.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private InboundEvent Event(Func<int, string> text, int channel, int user)
    {
        var id = Interlocked.Increment(ref _nextId);
        return new InboundEvent
        {
            Channel = new ChannelId(Platform.Discord, "81384788765712384", channel.ToString("d18", CultureInfo.InvariantCulture)),
            Type = MessageTypes.Chat,
            UserId = user.ToString("d18", CultureInfo.InvariantCulture),
            UserName = "member",
            MessageId = id.ToString("x16", CultureInfo.InvariantCulture),
            Text = text((int)(id & int.MaxValue)),
            OccurredAt = TimeProvider.System.GetUtcNow(),
        };
    }
}
