using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rookery.Simulators;

/// <summary>
/// A server on loopback that behaves as one platform does, faithful where it hurts. <c>/_control</c> makes it misbehave and
/// act as a person would; <c>/_ledger</c> shows what a person would have seen.
/// </summary>
public abstract class Simulator : IAsyncDisposable
{
    private WebApplication? _app;

    /// <summary>Where it listens; known once it has started.</summary>
    public Uri Address { get; private set; } = null!;

    public Ledger Ledger { get; } = new();

    protected TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <param name="port">0: any that is free.</param>
    public async Task StartAsync(int port, CancellationToken ct)
    {
        // It watches this folder for settings; where it was started from there may be a database that writes all the time.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
        builder.Services.AddRouting();
        _app = builder.Build();
        _app.UseWebSockets();
        _app.MapGet("/_ledger", (int? after) => Ledger.After(after ?? 0));
        Map(_app);
        await _app.StartAsync(ct);
        Address = new Uri(_app.Urls.Single());
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Adds the platform's routes and its part of <c>/_control</c>.</summary>
    protected abstract void Map(WebApplication app);
}
