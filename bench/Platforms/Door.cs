using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Rookery.Simulators;

namespace Rookery.Bench.Platforms;

/// <summary>What the door does to a call of a platform.</summary>
internal enum Mood
{
    /// <summary>Nobody hears it, and the caller is told so.</summary>
    Refuse,

    /// <summary>It is taken, but the caller hears otherwise.</summary>
    LoseAnswer,

    /// <summary>It comes late, perhaps after the caller gave up.</summary>
    Delay,
}

/// <summary>The public address of the nodes: passes each call on to a living one in turn.</summary>
internal sealed class Door : Simulator
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromSeconds(5) })
    {
        Timeout = Patience,
    };

    private readonly ConcurrentQueue<Mood> _moods = new();
    private int _turn;

    /// <summary>Told by the one who keeps the nodes.</summary>
    public Func<IReadOnlyList<Uri>> Living { get; set; } = () => [];

    /// <summary>The next calls of platforms are treated so.</summary>
    public void Be(Mood mood, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _moods.Enqueue(mood);
        }
    }

    /// <summary>From here on everything is passed on.</summary>
    public void Relax() => _moods.Clear();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }

    protected override void Map(WebApplication app) => app.Map("/{**path}", PassAsync);

    private async Task PassAsync(HttpContext http)
    {
        Mood? mood = http.Request.Path.StartsWithSegments("/platforms", StringComparison.Ordinal) && HttpMethods.IsPost(http.Request.Method)
            && _moods.TryDequeue(out var next) ? next : null;
        if (mood == Mood.Refuse)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        if (mood == Mood.Delay)
        {
            await Task.Delay(Random.Shared.Next(200, 2500), http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        try
        {
            await PassAsync(http, loseAnswer: mood == Mood.LoseAnswer);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException && !http.Response.HasStarted)
        {
            http.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    }

    private async Task PassAsync(HttpContext http, bool loseAnswer)
    {
        var living = Living();
        if (living.Count == 0)
        {
            http.Response.StatusCode = StatusCodes.Status502BadGateway;
            return;
        }

        var node = living[(int)((uint)Interlocked.Increment(ref _turn) % (uint)living.Count)];
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer);
        using var request = new HttpRequestMessage(
            new HttpMethod(http.Request.Method), new Uri(node, http.Request.Path + http.Request.QueryString));
        request.Content = new ByteArrayContent(buffer.ToArray());
        foreach (var (name, values) in http.Request.Headers)
        {
            if (name is not ("Host" or "Connection" or "Transfer-Encoding" or "Expect")
                && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        // A call goes on although its caller gave up: only so it can come twice.
        using var response = await _http.SendAsync(request, CancellationToken.None);
        var body = await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
        http.Response.StatusCode = loseAnswer ? StatusCodes.Status502BadGateway : (int)response.StatusCode;
        if (loseAnswer)
        {
            return;
        }

        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Connection" or "Content-Length"))
            {
                http.Response.Headers[name] = values.ToArray();
            }
        }

        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
