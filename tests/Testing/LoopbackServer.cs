using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Rookery.Testing;

/// <summary>
/// Somebody else's HTTP server, on loopback: it answers as the test says and remembers what it was asked.
/// </summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>May be changed at any time. Until it is set every call is answered with 500.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = http =>
    {
        http.Response.StatusCode = 500;
        return Task.CompletedTask;
    };

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public SeenRequest Last => Requests.Last();

    public static async Task<LoopbackServer> StartAsync(Func<HttpContext, Task>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var server = new LoopbackServer(app);
        server.Answer = answer ?? server.Answer;
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
            server.Requests.Enqueue(new SeenRequest(
                http.Request.Method,
                http.Request.Path,
                http.Request.QueryString.Value ?? "",
                http.Request.Headers.ToDictionary(
                    h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                await reader.ReadToEndAsync(http.RequestAborted)));
            await server.Answer(http);
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>Answers every call with this status and JSON.</summary>
    public void Json(string json, int status = 200) => Text(json, status, "application/json");

    public void Text(string text, int status = 200, string contentType = "text/plain") => Answer = http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        return http.Response.WriteAsync(text);
    };

    public async ValueTask DisposeAsync()
    {
        // Calls that a test left hanging are cut off at once.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}

public sealed record SeenRequest(
    string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body);
